using MailOperator.Api;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.Kubernetes;
using MimeKit;

namespace MailOperator.DeviceInvitations;

/// <summary>
/// Mails a link. Before each attempt it records the attempt in the status, on the version that was observed. So of two
/// operators only one makes the attempt, and an operator that crashes during it does not retry within a minute.
/// </summary>
internal sealed class InvitationDelivery(
    LinkSecrets links,
    IInvitationMailer mailer,
    InvitationOptions options,
    InvitationStatusWriter status,
    MailBudget budget,
    MailMetrics metrics,
    TimeProvider clock)
{
    /// <summary>Makes one attempt and records its result. Returns when to reconcile again.</summary>
    /// <exception cref="ApiException">
    /// A conflict: the invitation or its link has changed, and nothing was mailed.
    /// </exception>
    public async Task<TimeSpan?> SendAsync(
        DeviceInvitation invitation,
        InvitationSnapshot observed,
        InvitationPlan plan,
        InvitationChange.SendMail mail,
        CancellationToken cancellationToken)
    {
        SmtpRelay relay = options.Relay!; // without one no mail is due
        if (budget.Take(invitation.Metadata.NamespaceProperty, relay.MaxTriesPerHour) is { } free)
        {
            metrics.Held();
            // Another invitation of the namespace has had the last try since this one was observed.
            InvitationSnapshot held = observed with { Delivery = mail.Delivery with { HeldUntil = free } };
            await status.PublishAsync(invitation, held, plan, cancellationToken);
            return InvitationPlanner.RecheckOf(held, clock.GetUtcNow());
        }

        DateTimeOffset now = Rfc3339.WholeSeconds(clock.GetUtcNow());
        DeliveryFacts begun = mail.Delivery with { Attempts = mail.Delivery.Attempts + 1, LastAttempt = now };
        DeviceInvitation noted =
            await status.PublishAsync(invitation, observed with { Delivery = begun }, plan, cancellationToken);

        Uri link = await links.LinkAsync(invitation, mail.Link, cancellationToken);
        MimeMessage message =
            InvitationMail.Compose(relay, invitation, observed.Offer!, begun, link, observed.ExpiresAt, now);
        DeliveryResult result = await mailer.SendAsync(relay, message, cancellationToken);
        metrics.Tried(isAccepted: result.Problem is null);

        DeliveryFacts after = result.Problem is null
            ? begun with { SentTo = begun.To, HandledResend = begun.ResendToken, Attempts = 0 }
            : begun;
        await status.NoteDeliveryAsync(noted, begun, result, cancellationToken);
        return InvitationPlanner.RecheckOf(observed with { Delivery = after }, clock.GetUtcNow());
    }
}
