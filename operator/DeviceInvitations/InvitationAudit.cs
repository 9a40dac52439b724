using MailOperator.Api;
using MailOperator.Claims;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.DeviceInvitations;

/// <summary>
/// Says in the log what was done with an invitation, and in the audit trail what was decided of a claim.
/// </summary>
internal sealed partial class InvitationAudit(AuditTrail trail, ILogger<InvitationAudit> logger)
{
    public void Applied(DeviceInvitation invitation, InvitationChange change) =>
        Log.Applied(logger, invitation.Key, change.GetType().Name);

    /// <summary>Compares the record with the one before: a decision is written once.</summary>
    public void Recorded(DeviceInvitation invitation, ClaimRecord record)
    {
        ClaimRecord? before = ClaimRecord.Of(invitation);
        if (record.End is { } end && before?.End != end)
        {
            trail.Write(Entry(
                invitation, record, AuditAction.ClaimRefused,
                end == ClaimEnd.Expired ? AuditTrigger.Expiry : AuditTrigger.Claim) with
            {
                Reason = end.ToString(),
            });
        }
        else if (record is { End: null, Claim: not null } && before?.Claim is null)
        {
            trail.Write(Entry(invitation, record, AuditAction.ClaimAccepted, AuditTrigger.Claim));
        }
    }

    private static AuditEntry Entry(DeviceInvitation invitation, ClaimRecord record, string action, string trigger) =>
        new(action, trigger, ApiGroup.DeviceInvitations.Kind, invitation.Key, invitation.Metadata.Uid)
        {
            Mailbox = MailboxAddress.Normalize(invitation.Spec.Mailbox),
            Credential = record.Selector,
        };

    private static partial class Log
    {
        [LoggerMessage(241, LogLevel.Information, "{Invitation}: {Step}")]
        public static partial void Applied(ILogger logger, ObjectKey invitation, string step);
    }
}
