namespace MailOperator.MailBackends;

/// <summary>The devices that one quota counts.</summary>
internal sealed class QuotaGroup(QuotaKey key)
{
    public QuotaKey Key => key;

    /// <summary>All devices, also those that yielded.</summary>
    public int Members { get; set; }

    /// <summary>How many have a place.</summary>
    public int Admitted { get; set; }

    /// <summary>Those that wait for a place, oldest first.</summary>
    public SortedSet<QuotaEntry> Waiting { get; } = [];

    /// <summary>Whether a place is free; a null maximum is no limit.</summary>
    public bool HasFree(int? max) => max is not { } limit || Admitted < limit;
}
