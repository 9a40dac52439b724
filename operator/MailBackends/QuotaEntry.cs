using MailOperator.Api;

namespace MailOperator.MailBackends;

/// <summary>A device as <see cref="QuotaLedger"/> counts it. Ordered by age, then by name, so that everybody sees the same line.</summary>
internal sealed class QuotaEntry(MailDevice device, string backend) : IComparable<QuotaEntry>
{
    public MailDevice Device => device;

    public string Backend => backend;

    public Admission Admission { get; set; }

    /// <summary>The grants that allow it, as they were when it or one behind it was last looked at.</summary>
    public IReadOnlyCollection<GrantSpec>? Grants { get; set; }

    /// <summary>All devices of its mailbox, once it is counted.</summary>
    public QuotaGroup? Mailbox { get; set; }

    /// <summary>All devices of its namespace, once it is counted.</summary>
    public QuotaGroup? Namespace { get; set; }

    public IEnumerable<QuotaGroup> Groups => [Mailbox!, Namespace!];

    public bool IsAdmitted => Admission == Admission.Admitted || (Admission == Admission.Unjudged && HasFinalizer);

    public bool IsInLine => Admission == Admission.Waiting || (Admission == Admission.Unjudged && !HasFinalizer);

    private bool HasFinalizer => device.Metadata.Finalizers?.Contains(Finalizers.Revocation) ?? false;

    /// <summary>Whether what was found of the other still says where this one stands. A spec that changed is judged anew.</summary>
    public bool IsStillAs(QuotaEntry before) =>
        device.Metadata.Uid == before.Device.Metadata.Uid
        && backend == before.Backend
        && HasFinalizer == before.HasFinalizer
        && (HasFinalizer || device.Metadata.Generation == before.Device.Metadata.Generation);

    public int CompareTo(QuotaEntry? other)
    {
        int byAge = Nullable.Compare(device.Metadata.CreationTimestamp, other?.Device.Metadata.CreationTimestamp);
        int byNamespace = byAge != 0 ? byAge : string.CompareOrdinal(device.Metadata.NamespaceProperty, other?.Device.Metadata.NamespaceProperty);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(device.Metadata.Name, other?.Device.Metadata.Name);
    }
}

/// <summary>What a quota counts: the devices of a mailbox, or those of a namespace, at one backend.</summary>
internal readonly record struct QuotaKey(string Backend, bool IsMailbox, string Name);

/// <summary>The devices that one quota is for.</summary>
internal sealed class QuotaGroup(QuotaKey key)
{
    public QuotaKey Key => key;

    /// <summary>How many there are, those that stand aside among them.</summary>
    public int Members { get; set; }

    /// <summary>How many have a place.</summary>
    public int Admitted { get; set; }

    /// <summary>Those that wait for one, oldest first.</summary>
    public SortedSet<QuotaEntry> Line { get; } = [];

    /// <summary>Whether a place is free, for whomever it is; null is no limit.</summary>
    public bool HasFree(int? max) => max is not { } limit || Admitted < limit;
}

/// <summary>What was last found of a device.</summary>
internal enum Admission
{
    /// <summary>Not looked at yet: with a finalizer it is taken to hold a place, without to wait for one.</summary>
    Unjudged,

    /// <summary>It has a credential, or may have one now.</summary>
    Admitted,

    /// <summary>It may have one as soon as there is room.</summary>
    Waiting,

    /// <summary>Something else is in the way, or no grant allows it: it takes no place, and keeps nobody from theirs.</summary>
    Yielded,
}
