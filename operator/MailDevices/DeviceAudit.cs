using MailOperator.Api;
using MailOperator.MailDevices.Planning;
using MailOperator.Reporting;

namespace MailOperator.MailDevices;

/// <summary>Says in the audit trail what a change of a device's passwords was, and who asked for it.</summary>
internal sealed class DeviceAudit(AuditTrail trail, TimeProvider clock)
{
    // A device that is refused for one of these is refused by a decision and not by a failure.
    private static readonly string[] Refusals =
    [
        Reasons.NotAllowed, Reasons.QuotaExceeded, Reasons.SecretForeign, Reasons.BackendRejected, Reasons.Unsupported,
        Reasons.InvalidSpec, Reasons.LoginRefused,
    ];

    /// <param name="device">The device.</param>
    /// <param name="observed">On what the change was decided.</param>
    /// <param name="change">What was done.</param>
    /// <param name="issued">The selector of the password that the Secret has after it; null if it has none.</param>
    public void Applied(MailDevice device, MailDeviceSnapshot observed, Change change, string? issued)
    {
        AuditEntry? entry = change switch
        {
            Change.IssueCredential issue => Entry(
                device,
                observed,
                issue.FollowsAnother ? AuditAction.Rotated : AuditAction.Issued,
                TriggerOf(issue)) with
            {
                Credential = issued,
                Reason = issue.Reason,
            },
            Change.CommitClaimedHash commit => Entry(
                device, observed, AuditAction.Issued,
                commit.Reason == Reasons.Issued ? AuditTrigger.Claim : AuditTrigger.Tamper) with
            {
                Credential = commit.Hash.Selector,
                Reason = commit.Reason,
            },
            Change.RestoreSlot restore => Entry(device, observed, AuditAction.Restored, AuditTrigger.Tamper) with
            {
                Credential = restore.Secret.Credential.Selector,
                Reason = Reasons.SlotMissing,
            },
            Change.AdoptSecret => Entry(device, observed, AuditAction.Adopted, AuditTrigger.Spec) with
            {
                Reason = Reasons.SecretAdopted,
            },
            Change.OfRevocation end => OfEnd(device, observed, end),
            _ => null,
        };
        if (entry is not null)
        {
            trail.Write(entry);
        }
    }

    /// <summary>Compares the condition Ready before and after: a decision that is not news is not written.</summary>
    public void Reported(MailDevice device, IReadOnlyList<Condition> before, IReadOnlyList<Condition> after)
    {
        if (StatusConditions.Find(after, ConditionTypes.Ready) is { Status: "False" } now
            && Refusals.Contains(now.Reason)
            && StatusConditions.Find(before, ConditionTypes.Ready)?.Reason != now.Reason)
        {
            trail.Write(Entry(
                device, device.BoundBackend, AuditAction.Refused,
                now.Reason is Reasons.NotAllowed or Reasons.QuotaExceeded ? AuditTrigger.Grant : AuditTrigger.Spec) with
            {
                Reason = now.Reason,
            });
        }
    }

    private AuditEntry? OfEnd(MailDevice device, MailDeviceSnapshot observed, Change.OfRevocation end)
    {
        (string Action, IEnumerable<string>? Selectors)? what = end switch
        {
            Change.RemoveSlots remove => (AuditAction.Ended, remove.Selectors),
            Change.RefuseSlots refuse => (AuditAction.Ended, refuse.Slots.Select(static slot => slot.Selector)),
            Change.LimitSlots limit => (AuditAction.Limited, limit.Slots.Select(static slot => slot.Selector)),
            Change.RetainSlots retain => (AuditAction.Retained, retain.Slots.Select(static slot => slot.Selector)),
            Change.RemoveAll => (AuditAction.Ended, null),
            _ => null, // telling the mail servers is part of an end that has its line
        };
        return what is not var (action, selectors)
            ? null
            : Entry(device, end.At ?? observed.BackendName, action, TriggerOf(observed, selectors)) with
            {
                Credential = selectors is null ? null : string.Join(',', selectors),
            };
    }

    private static string TriggerOf(Change.IssueCredential issue) => issue switch
    {
        { HandlesToken: true } => AuditTrigger.Token,
        { IsScheduled: true } => AuditTrigger.Schedule,
        { Reason: Reasons.SecretTampered or Reasons.SecretDeleted or Reasons.SlotMissing } => AuditTrigger.Tamper,
        _ => AuditTrigger.Spec,
    };

    private string TriggerOf(MailDeviceSnapshot observed, IEnumerable<string>? selectors) => observed switch
    {
        { IsDeleting: true } => AuditTrigger.Deletion,
        { IsGrantRevoked: true } => AuditTrigger.Grant,
        { Stops.EndsAt: { } end } when end <= clock.GetUtcNow() => AuditTrigger.Expiry,
        { Stops.IsSuspended: true } => AuditTrigger.Suspension,
        { TrustedRecord: { } record } when selectors?.Any(one =>
            record.Retiring.Any(retiring => retiring.Selector == one && retiring.At > record.IssuedAt)) is true =>
            AuditTrigger.Overlap,
        { RotateAndRevokeToken: { Length: > 0 } token } when token != observed.ReportedRotateAndRevoke =>
            AuditTrigger.Token,
        _ => AuditTrigger.Spec,
    };

    private static AuditEntry Entry(MailDevice device, MailDeviceSnapshot observed, string action, string trigger) =>
        Entry(device, observed.Desired?.BackendName ?? observed.BackendName, action, trigger);

    private static AuditEntry Entry(MailDevice device, string? backend, string action, string trigger) =>
        new(action, trigger, ApiGroup.MailDevices.Kind, device.Key, device.Metadata.Uid)
        {
            Backend = backend,
            Mailbox = MailboxAddress.Normalize(device.Spec.Mailbox),
        };
}
