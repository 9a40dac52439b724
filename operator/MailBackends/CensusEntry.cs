using MailOperator.Api;

namespace MailOperator.MailBackends;

/// <summary>A device as <see cref="DeviceCensus"/> counts it. Ordered by age, then by name, so that everybody sees the same line.</summary>
internal sealed class CensusEntry(MailDevice device, string backend) : IComparable<CensusEntry>
{
    public MailDevice Device => device;

    public string Backend => backend;

    public CensusStanding Standing { get; set; }

    /// <summary>The grants that allow it, as they were when it or one behind it was last looked at.</summary>
    public IReadOnlyCollection<GrantSpec>? Grants { get; set; }

    /// <summary>All devices of its mailbox, once it is counted.</summary>
    public CensusGroup? Mailbox { get; set; }

    /// <summary>All devices of its namespace, once it is counted.</summary>
    public CensusGroup? Namespace { get; set; }

    public IEnumerable<CensusGroup> Groups => [Mailbox!, Namespace!];

    public bool IsHolding => Standing == CensusStanding.Holds || (Standing == CensusStanding.Unjudged && HasFinalizer);

    public bool IsInLine => Standing == CensusStanding.Waits || (Standing == CensusStanding.Unjudged && !HasFinalizer);

    private bool HasFinalizer => device.Metadata.Finalizers?.Contains(Finalizers.Revocation) ?? false;

    /// <summary>Whether what was found of the other still says where this one stands. A spec that changed is judged anew.</summary>
    public bool IsStillAs(CensusEntry before) =>
        device.Metadata.Uid == before.Device.Metadata.Uid
        && backend == before.Backend
        && HasFinalizer == before.HasFinalizer
        && (HasFinalizer || device.Metadata.Generation == before.Device.Metadata.Generation);

    public int CompareTo(CensusEntry? other)
    {
        int byAge = Nullable.Compare(device.Metadata.CreationTimestamp, other?.Device.Metadata.CreationTimestamp);
        int byNamespace = byAge != 0 ? byAge : string.CompareOrdinal(device.Metadata.NamespaceProperty, other?.Device.Metadata.NamespaceProperty);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(device.Metadata.Name, other?.Device.Metadata.Name);
    }
}

/// <summary>What a quota counts: the devices of a mailbox, or those of a namespace, at one backend.</summary>
internal readonly record struct CensusKey(string Backend, bool IsMailbox, string Name);

/// <summary>The devices that one quota is for.</summary>
internal sealed class CensusGroup(CensusKey key)
{
    public CensusKey Key => key;

    /// <summary>How many there are, those that stand aside among them.</summary>
    public int Members { get; set; }

    /// <summary>How many have a place.</summary>
    public int Holding { get; set; }

    /// <summary>Those that wait for one, oldest first.</summary>
    public SortedSet<CensusEntry> Line { get; } = [];

    /// <summary>Whether a place is free, for whomever it is; null is no limit.</summary>
    public bool HasFree(int? max) => max is not { } limit || Holding < limit;
}

/// <summary>What was last found of a device.</summary>
internal enum CensusStanding
{
    /// <summary>Not looked at yet: with a finalizer it is taken to hold a place, without to wait for one.</summary>
    Unjudged,

    /// <summary>It has a credential, or may have one now.</summary>
    Holds,

    /// <summary>It may have one as soon as there is room.</summary>
    Waits,

    /// <summary>Something else is in the way, or no grant allows it: it takes no place, and keeps nobody from theirs.</summary>
    Aside,
}
