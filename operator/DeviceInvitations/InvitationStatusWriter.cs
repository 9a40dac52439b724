using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailDevices;

namespace MailOperator.DeviceInvitations;

/// <summary>
/// Reports: one write of the status if it differs, one event if readiness turned. Only on the version that was looked at,
/// because the portal writes its claim into the same status.
/// </summary>
internal sealed class InvitationStatusWriter(ObjectWriter writer, EventRecorder events, TimeProvider clock)
{
    public async Task PublishAsync(DeviceInvitation invitation, InvitationSnapshot observed, InvitationPlan plan, CancellationToken cancellationToken)
    {
        DeviceInvitationStatus before = invitation.Status ?? new DeviceInvitationStatus();
        DeviceInvitationStatus after = StatusOf(invitation, before, observed, plan.Verdict, clock.GetUtcNow());
        if (invitation.Status is not null && ApiJson.Serialize(before).AsSpan().SequenceEqual(ApiJson.Serialize(after)))
        {
            return;
        }

        await writer.WriteStatusIfUnchangedAsync(ApiGroup.DeviceInvitations, invitation, after, cancellationToken);
        Announce(invitation, before.Conditions ?? [], after.Conditions!);
    }

    internal static DeviceInvitationStatus StatusOf(
        DeviceInvitation invitation, DeviceInvitationStatus before, InvitationSnapshot observed, InvitationVerdict verdict, DateTimeOffset now)
    {
        bool isClaimed = verdict.Claimed is not null;
        return new DeviceInvitationStatus
        {
            ObservedGeneration = invitation.Metadata.Generation,
            TokenHash = !isClaimed && observed.Link is LinkState.Owned { IsGenuine: true } link ? link.TokenHash : before.TokenHash,
            ExpiresAt = observed.ExpiresAt,
            SentTo = before.SentTo,
            SentAt = before.SentAt,
            DeliveryAttempts = before.DeliveryAttempts,
            LastDeliveryAttempt = before.LastDeliveryAttempt,
            LastHandledResend = before.LastHandledResend,
            ClaimedAt = before.ClaimedAt ?? observed.Claim?.At ?? (verdict.Claimed == ReadyStatus.True ? Rfc3339.WholeSeconds(now) : null),
            DeviceRef = observed.Device is DeviceFound.Own own ? new ClaimedDeviceReference { Name = observed.DeviceName, Uid = own.Uid } : before.DeviceRef,
            Offer = isClaimed ? before.Offer : observed.Offer, // what the person was shown stays
            Claim = observed.Claim is { } claim && verdict.IsClaimSettled ? WithoutHash(claim) : observed.Claim,
            Conditions = InvitationConditions.Build(before.Conditions ?? [], verdict, delivered: null, invitation.Metadata.Generation, now),
        };
    }

    private static InvitationClaim WithoutHash(InvitationClaim claim) =>
        new() { Id = claim.Id, At = claim.At, Selector = claim.Selector, IsChosen = claim.IsChosen };

    private void Announce(DeviceInvitation invitation, Condition[] before, Condition[] after)
    {
        Condition? old = MailDeviceConditions.Find(before, ConditionTypes.Ready);
        Condition ready = MailDeviceConditions.Find(after, ConditionTypes.Ready)!;
        if (old is not null && old.Reason == ready.Reason && (ready.Status == "True" || old.Message == ready.Message))
        {
            return;
        }

        if (ready.Reason is Reasons.LinkReady or Reasons.Claimed)
        {
            events.Normal(ApiGroup.DeviceInvitations, invitation, ready.Reason, ready.Message);
        }
        else if (ready.Status == "False" && ready.Reason is not (Reasons.Pending or Reasons.Revoked))
        {
            events.Warning(ApiGroup.DeviceInvitations, invitation, ready.Reason, ready.Message);
        }
    }
}
