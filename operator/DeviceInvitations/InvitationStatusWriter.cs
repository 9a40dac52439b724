using System.Text.Json;
using MailOperator.Api;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.DeviceInvitations;

/// <summary>
/// Writes the status if it differs, and an event for each change that is news. Writes only over the version that was
/// observed, because the portal writes its claim into the same status.
/// </summary>
internal sealed class InvitationStatusWriter(ObjectWriter writer, EventRecorder events, TimeProvider clock)
{
    /// <summary>Returns the invitation with its status as it is now.</summary>
    /// <exception cref="ApiException">A conflict: the invitation has changed since it was observed.</exception>
    public async Task<DeviceInvitation> PublishAsync(
        DeviceInvitation invitation,
        InvitationSnapshot observed,
        InvitationPlan plan,
        CancellationToken cancellationToken)
    {
        DeviceInvitationStatus before = invitation.Status ?? new DeviceInvitationStatus();
        DeviceInvitationStatus after = StatusOf(invitation, before, observed, plan.Verdict, clock.GetUtcNow());
        if (invitation.Status is not null && ApiJson.Serialize(before).AsSpan().SequenceEqual(ApiJson.Serialize(after)))
        {
            return invitation;
        }

        string? version = await writer.WriteStatusIfUnchangedAsync(
            ApiGroup.DeviceInvitations, invitation, after, cancellationToken);
        Announce(invitation, before.Conditions ?? [], after.Conditions!, plan.Verdict.MayStillCome);
        return InvitationVersion.After(invitation, version, status: after);
    }

    /// <summary>
    /// Records the result of an attempt to mail the link. Only this process knows that the relay accepted the mail, so
    /// that is recorded even if the object has changed (a claim, a label); otherwise it would be mailed twice.
    /// </summary>
    public async Task NoteDeliveryAsync(
        DeviceInvitation noted, DeliveryFacts delivery, DeliveryResult result, CancellationToken cancellationToken)
    {
        try
        {
            DeviceInvitation seen =
                result.Problem is null ? await NoteSentAsync(noted, delivery, cancellationToken) : noted;
            DeviceInvitationStatus after =
                WithDelivery(seen.Status!, delivery, result, seen.Metadata.Generation, clock.GetUtcNow());
            await writer.WriteStatusIfUnchangedAsync(ApiGroup.DeviceInvitations, seen, after, cancellationToken);
            Announce(seen, seen.Status!.Conditions ?? [], after.Conditions!, mayStillCome: false);
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound)
        {
            // Deleted, changed, or of another link by now: the next reconcile reports what the status still holds.
        }
    }

    private async Task<DeviceInvitation> NoteSentAsync(
        DeviceInvitation noted, DeliveryFacts delivery, CancellationToken cancellationToken)
    {
        List<(string Op, string Path, object? Value)> patch =
        [
            ("test", "/status/tokenHash", noted.Status!.TokenHash),
            ("add", "/status/sentTo", delivery.To),
            ("add", "/status/sentAt", Rfc3339.WholeSeconds(clock.GetUtcNow())),
        ];
        if (delivery.ResendToken.Length > 0)
        {
            patch.Add(("add", "/status/lastHandledResend", delivery.ResendToken));
        }

        byte[] live = await writer.PatchStatusAsync(ApiGroup.DeviceInvitations, noted, patch, cancellationToken);
        using var document = JsonDocument.Parse(live);
        return ApiJson.Deserialize<DeviceInvitation>(document.RootElement)!;
    }

    internal static DeviceInvitationStatus WithDelivery(
        DeviceInvitationStatus status,
        DeliveryFacts delivery,
        DeliveryResult result,
        long? generation,
        DateTimeOffset now)
    {
        DeviceInvitationStatus after = ApiJson.Deserialize<DeviceInvitationStatus>(ApiJson.Serialize(status))!;
        if (result.Problem is null)
        {
            after.SentTo = delivery.To;
            after.SentAt = status.SentAt ?? Rfc3339.WholeSeconds(now);
            after.DeliveryAttempts = 0;
            after.LastHandledResend =
                delivery.ResendToken.Length > 0 ? delivery.ResendToken : after.LastHandledResend;
        }

        Condition[] before = status.Conditions ?? [];
        Condition delivered = DeliveryPlanner.Condition(delivery, result, now);
        after.Conditions =
        [
            .. before.Where(static one => one.Type != ConditionTypes.Delivered),
            StatusConditions.Stamp(delivered, before, generation, now),
        ];
        return after;
    }

    internal static DeviceInvitationStatus StatusOf(
        DeviceInvitation invitation,
        DeviceInvitationStatus before,
        InvitationSnapshot observed,
        InvitationVerdict verdict,
        DateTimeOffset now)
    {
        bool isClaimed = verdict.Claimed is not null;
        Condition[] previous = before.Conditions ?? [];
        var after = new DeviceInvitationStatus
        {
            ObservedGeneration = invitation.Metadata.Generation,
            TokenHash = isClaimed ? before.TokenHash : HashToReport(observed) ?? before.TokenHash,
            ExpiresAt = observed.ExpiresAt,
            SentTo = before.SentTo,
            SentAt = before.SentAt,
            DeliveryAttempts = before.DeliveryAttempts,
            LastDeliveryAttempt = before.LastDeliveryAttempt,
            LastHandledResend = before.LastHandledResend,
            ClaimedAt = observed.Record is { Claim: not null } or { Device: not null } ? observed.Record.At : null,
            DeviceRef = observed.Record?.Device is { } device
                ? new ClaimedDeviceReference { Name = observed.DeviceName, Uid = device }
                : null,
            Offer = isClaimed ? before.Offer : observed.Offer, // keep the offer that the person was shown
            Claim = ClaimOf(observed, verdict.IsClaimSettled),
            Conditions = InvitationConditions.Build(
                previous, verdict, Delivered(previous, observed, verdict), invitation.Metadata.Generation, now),
        };
        if (verdict.Reason == Reasons.LinkReady && observed.Delivery is { } delivery)
        {
            after.SentTo = delivery.SentTo;
            after.SentAt = delivery.SentTo is null ? null : before.SentAt;
            after.DeliveryAttempts = delivery.LastAttempt is null ? null : delivery.Attempts;
            after.LastDeliveryAttempt = delivery.LastAttempt;
            after.LastHandledResend =
                delivery.HandledResend.Length > 0 ? delivery.HandledResend : before.LastHandledResend;
        }

        return after;
    }

    // The record outlasts what anybody writes into the status.
    private static InvitationClaim? ClaimOf(InvitationSnapshot observed, bool isSettled)
    {
        InvitationClaim? claim = observed.Record?.Read(observed.Claim) ?? observed.Claim;
        return claim is not null && isSettled ? WithoutHash(claim) : claim;
    }

    // A link that may have been used, or whose token the operator did not make, is not named.
    private static string? HashToReport(InvitationSnapshot observed) =>
        !observed.IsLinkUnaccounted && observed.Link is LinkState.Owned { IsGenuine: true } link
            ? link.TokenHash
            : null;

    // While the link cannot be used, the result of the last mail stays.
    private static Condition? Delivered(Condition[] previous, InvitationSnapshot observed, InvitationVerdict verdict)
    {
        Condition? last = StatusConditions.Find(previous, ConditionTypes.Delivered);
        return observed.Delivery switch
        {
            null => null,
            { } delivery when verdict.Reason == Reasons.LinkReady => DeliveryPlanner.Condition(delivery, last),
            _ => last,
        };
    }

    private static InvitationClaim WithoutHash(InvitationClaim claim) =>
        new() { Id = claim.Id, At = claim.At, Selector = claim.Selector, IsChosen = claim.IsChosen };

    private void Announce(DeviceInvitation invitation, Condition[] before, Condition[] after, bool mayStillCome)
    {
        foreach (Condition news in InvitationEvents.ToAnnounce(before, after, mayStillCome))
        {
            if (news.IsFalse())
            {
                events.Warning(ApiGroup.DeviceInvitations, invitation, news.Reason, news.Message);
            }
            else
            {
                events.Normal(ApiGroup.DeviceInvitations, invitation, news.Reason, news.Message);
            }
        }
    }
}
