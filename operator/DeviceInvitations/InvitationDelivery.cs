using MailOperator.Api;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.Kubernetes;

namespace MailOperator.DeviceInvitations;

/// <summary>
/// Mails a link. The try is written down before it is made, on the version that was looked at: so of two operators only one
/// makes it, and one that dies over it does not make the next within a minute.
/// </summary>
internal sealed class InvitationDelivery(
    LinkSecrets links, IInvitationMailer mailer, InvitationOptions options, InvitationStatusWriter status, TimeProvider clock)
{
    /// <summary>Returns when to look again.</summary>
    public async Task<TimeSpan?> DeliverAsync(
        DeviceInvitation invitation, InvitationSnapshot observed, InvitationPlan plan, CancellationToken cancellationToken)
    {
        DateTimeOffset now = Rfc3339.WholeSeconds(clock.GetUtcNow());
        DeliveryFacts begun = observed.Delivery! with { Attempts = observed.Delivery.Attempts + 1, LastAttempt = now };
        DeviceInvitation noted = await status.PublishAsync(invitation, observed with { Delivery = begun }, plan, cancellationToken);

        Uri link = await links.LinkAsync(invitation, (LinkState.Owned)observed.Link!, cancellationToken);
        DeliveryResult result = await mailer.SendAsync(
            options.Relay!, InvitationMail.Compose(options.Relay!, invitation, observed.Offer!, begun, link, observed.ExpiresAt, now), cancellationToken);

        DeliveryFacts after = result.Problem is not null ? begun : begun with { SentTo = begun.To, HandledResend = begun.ResendToken, Attempts = 0 };
        await status.NoteDeliveryAsync(noted, begun, result, cancellationToken);
        return InvitationPlanner.RecheckOf(observed with { Delivery = after }, clock.GetUtcNow());
    }
}
