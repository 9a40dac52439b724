using MailOperator.Api;

namespace MailOperator.MailBackends;

/// <summary>
/// A device as <see cref="QuotaLedger"/> counts it. Sorted by age, then by name, so that the order does not depend on
/// who asks.
/// </summary>
internal sealed class QuotaEntry(MailDevice device, string backend) : IComparable<QuotaEntry>
{
    public MailDevice Device => device;

    public string Backend => backend;

    public Admission Admission { get; set; }

    /// <summary>What it counts for in the quotas.</summary>
    public UnownedPlace Place { get; } = new(
        device.PasswordUid, device.Metadata.NamespaceProperty, MailboxAddress.Normalize(device.Spec.Mailbox));

    /// <summary>The grants that allow it, as of the last look at it or at a device behind it.</summary>
    public IReadOnlyCollection<GrantSpec>? Grants { get; set; }

    /// <summary>All devices of its mailbox; null until it is counted.</summary>
    public QuotaGroup? Mailbox { get; set; }

    /// <summary>All devices of its namespace; null until it is counted.</summary>
    public QuotaGroup? Namespace { get; set; }

    public IEnumerable<QuotaGroup> Groups => [Mailbox!, Namespace!];

    public bool IsAdmitted =>
        Admission == Admission.Admitted || (Admission == Admission.Unjudged && HasFinalizer);

    public bool IsWaiting =>
        Admission == Admission.Waiting || (Admission == Admission.Unjudged && !HasFinalizer);

    private bool HasFinalizer => device.HasFinalizer;

    /// <summary>
    /// Whether the admission of the earlier entry still applies. A changed spec is judged again. A device with a
    /// credential keeps its place although somebody removes its finalizer.
    /// </summary>
    public bool IsUnchangedFrom(QuotaEntry before) =>
        backend == before.Backend
        && Place == before.Place
        && (HasFinalizer == before.HasFinalizer
            ? HasFinalizer || device.Metadata.Generation == before.Device.Metadata.Generation
            : before is { HasFinalizer: true, Admission: Admission.Admitted });

    public int CompareTo(QuotaEntry? other)
    {
        int byAge = Nullable.Compare(device.Metadata.CreationTimestamp, other?.Device.Metadata.CreationTimestamp);
        if (byAge != 0)
        {
            return byAge;
        }

        int byNamespace = string.CompareOrdinal(
            device.Metadata.NamespaceProperty, other?.Device.Metadata.NamespaceProperty);
        return byNamespace != 0
            ? byNamespace
            : string.CompareOrdinal(device.Metadata.Name, other?.Device.Metadata.Name);
    }
}
