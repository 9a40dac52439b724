using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.DeviceInvitations.Delivery;

/// <summary>Finds the address that the link is mailed to, and the result of the attempts so far.</summary>
internal sealed class DeliveryResolver(ObjectStore<MailUser> users, RecipientDomains recipients, MailBudget budget)
{
    /// <summary>
    /// Characters. A longer token does not fit into the status, so it would count as unanswered forever.
    /// </summary>
    public const int MaxTokenLength = 4096;

    /// <summary>Null if the spec asks for no mail.</summary>
    /// <param name="invitation">The invitation.</param>
    /// <param name="tokenHash">The hash of its link's token; null if it has no link.</param>
    /// <param name="relay">The relay; null if none is configured.</param>
    public DeliveryFacts? Resolve(DeviceInvitation invitation, string? tokenHash, SmtpRelay? relay)
    {
        if (invitation.Spec.Delivery?.Email is not { } email)
        {
            return null;
        }

        DeviceInvitationStatus status = invitation.Status ?? new DeviceInvitationStatus();
        string user = invitation.Spec.UserRef.Name;
        string? to = email.To
            ?? users.Find(new ObjectKey(invitation.Metadata.NamespaceProperty, user))?.Spec.EmailAddress;
        string resend = invitation.Annotation(Annotations.Resend) ?? "";
        string? problem = to switch
        {
            _ when resend.Length > MaxTokenLength =>
                $"The annotation {Annotations.Resend} has more than {MaxTokenLength} characters; set a shorter one",
            _ when relay is null =>
                "No mail relay is configured; the platform team sets config.smtp of the chart",
            null => $"MailUser '{user}' has no spec.emailAddress; set it, or spec.delivery.email.to",
            _ when !MailboxAddress.IsValid(to) =>
                $"'{to}' is not a mail address that can be used; correct spec.delivery.email.to or "
                + $"spec.emailAddress of MailUser '{user}'",
            _ => null,
        };
        string? notAllowed =
            problem is null ? recipients.Problem(invitation.Metadata.NamespaceProperty, to!, relay!) : null;
        problem ??= notAllowed;
        bool isThisLink = tokenHash is not null && tokenHash == status.TokenHash;
        var facts = new DeliveryFacts
        {
            To = problem is null ? to : null,
            Language = email.Language ?? MailLanguage.en,
            Problem = problem,
            ProblemReason = notAllowed is null ? Reasons.DeliveryFailed : Reasons.NotAllowed,
            ResendToken = resend,
            HandledResend = status.LastHandledResend ?? "",
            SentTo = isThisLink ? status.SentTo : null, // a new link must be mailed again
            SentAt = isThisLink ? status.SentAt : null,
            Attempts = status.DeliveryAttempts ?? 0,
            LastAttempt = status.LastDeliveryAttempt,
        };
        return facts is { IsOwed: true, Problem: null }
            ? facts with { HeldUntil = budget.FreeAt(invitation.Metadata.NamespaceProperty, relay!.MaxTriesPerHour) }
            : facts;
    }
}
