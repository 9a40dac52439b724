namespace MailOperator.Backends.PasswdFile;

/// <summary>A request to a passwd-file, which its caller awaits.</summary>
internal abstract class PasswdFileRequest
{
    /// <summary>Completes when the request is served or has failed.</summary>
    public TaskCompletionSource Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Why this request is refused, although the batch succeeds.</summary>
    public MailBackendException? Failure { get; set; }

    /// <summary>Whether it may change the file, and therefore needs the latest content.</summary>
    public virtual bool IsWrite => false;

    /// <summary>Whether it adds a slot, with which somebody will log in next.</summary>
    public bool AddsSlots { get; protected set; }

    /// <summary>
    /// Applies the request to the document; true if it changed it. May be called again with a newer document.
    /// </summary>
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
