using System.Collections.Immutable;

namespace MailOperator.MailDevices.Planning;

/// <summary>What to do for a device, in this order, and what to say if all of it succeeds.</summary>
/// <param name="Changes">Each depends on those before it.</param>
/// <param name="Verdict">The device's state as far as this plan can tell.</param>
/// <param name="RecheckAfter">When time alone will call for another look.</param>
internal sealed record MailDevicePlan(ImmutableArray<Change> Changes, DeviceVerdict Verdict, TimeSpan? RecheckAfter = null)
{
    /// <summary>Removing a slot cannot be made conditional on the Secret, so it is judged on the Secret as it is now.</summary>
    public bool NeedsLiveSecret => Changes.Any(static change => change is Change.RemoveSlots or Change.RefuseSlots or Change.IssueCredential or Change.CommitClaimedHash or Change.RestartRollouts);
}
