namespace MailOperator.Backends.PasswdFile;

/// <summary>What somebody wants of a passwd-file, and waits for.</summary>
internal abstract class PasswdFileRequest
{
    /// <summary>Ends when the request is served, or could not be.</summary>
    public TaskCompletionSource Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Why this one alone is refused.</summary>
    public MailBackendException? Failure { get; set; }

    /// <summary>Whether it may change the file, so that it works on what is there now.</summary>
    public virtual bool IsWrite => false;

    /// <summary>Somebody will log in with what was not there before.</summary>
    public bool AddsSlots { get; protected set; }

    /// <summary>Works on the document; true if it changed it. May be called again on a newer document.</summary>
    public abstract bool Serve(PasswdFileDocument document);

    public void Complete()
    {
        if (Failure is { } failure)
        {
            Completion.TrySetException(failure);
        }
        else
        {
            Completion.TrySetResult();
        }
    }

    public sealed class List(Func<PasswdFileDocument, IReadOnlyList<Slot>> select) : PasswdFileRequest
    {
        public IReadOnlyList<Slot> Slots { get; private set; } = [];

        public override bool Serve(PasswdFileDocument document)
        {
            Slots = select(document);
            return false;
        }
    }

    public sealed class RemoveAll(SlotOwner owner) : PasswdFileRequest
    {
        public override bool IsWrite => true;

        public override bool Serve(PasswdFileDocument document) => document.RemoveAll(owner);
    }

    public sealed class Apply(SlotChange change) : PasswdFileRequest
    {
        public override bool IsWrite => true;

        public override bool Serve(PasswdFileDocument document)
        {
            AddsSlots = change.Put.Any(slot => !document.Has(slot.Owner, slot.Selector));
            return document.Apply(change);
        }
    }
}
