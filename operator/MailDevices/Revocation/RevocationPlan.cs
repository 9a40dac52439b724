using System.Collections.Immutable;
using MailOperator.MailDevices.Planning;

namespace MailOperator.MailDevices.Revocation;

/// <summary>What is taken away from a device now.</summary>
/// <param name="Changes">In this order. They need nothing but their backends.</param>
/// <param name="After">The device as it is once all of them are carried out.</param>
internal sealed record RevocationPlan(ImmutableArray<Change> Changes, MailDeviceSnapshot After)
{
    /// <summary>
    /// Every password has ended at every place once the changes are carried out, and nothing is left.
    /// </summary>
    public bool IsNothingLeft { get; init; }

    /// <summary>When the next end is due; null if none is known.</summary>
    public TimeSpan? RecheckAfter { get; init; }

    /// <summary>What is left to do until mail servers have forgotten an ended password; null if nothing is.</summary>
    public string? Pending { get; init; }

    /// <summary>What was to be taken away and cannot be, so that it still works; null if nothing.</summary>
    public string? Blocked { get; init; }
}
