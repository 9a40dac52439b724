using System.Collections.Immutable;

namespace MailOperator.MailDevices.Planning;

/// <summary>What to do for a device, in this order, and what to report if all of it succeeds.</summary>
/// <param name="Changes">Each depends on those before it.</param>
/// <param name="Verdict">What to report of the device.</param>
/// <param name="RecheckAfter">When to plan again even if nothing changes; null for never.</param>
internal sealed record MailDevicePlan(
    ImmutableArray<Change> Changes, DeviceVerdict Verdict, TimeSpan? RecheckAfter = null)
{
    /// <summary>
    /// Whether the plan must be made from a Secret read just now. For example, no backend can make the removal of a
    /// slot conditional on the Secret.
    /// </summary>
    public bool NeedsLiveSecret => Changes.Any(static change => change
        is Change.RemoveSlots
        or Change.RefuseSlots
        // Any other issue is one write over the version that was judged. It fails if somebody wrote in between.
        or Change.IssueCredential { IsRevoking: true }
        or Change.CommitClaimedHash
        or Change.RestartRollouts);
}
