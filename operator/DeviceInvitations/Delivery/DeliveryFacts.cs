using MailOperator.Api;

namespace MailOperator.DeviceInvitations.Delivery;

/// <summary>What is known about the mail with the link.</summary>
internal sealed record DeliveryFacts
{
    /// <summary>The address to mail to; null if there is a <see cref="Problem"/>.</summary>
    public string? To { get; init; }

    public MailLanguage Language { get; init; }

    /// <summary>Why no attempt can be made; null if one can.</summary>
    public string? Problem { get; init; }

    /// <summary>The reason of <see cref="Problem"/>.</summary>
    public string ProblemReason { get; init; } = Reasons.DeliveryFailed;

    /// <summary>The namespace has no try left until then; null if it has.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>Value of the annotation that asks for another mail; "" if there is none.</summary>
    public string ResendToken { get; init; } = "";

    /// <summary>The value that the last mail has answered; "" if none has.</summary>
    public string HandledResend { get; init; } = "";

    /// <summary>The address that this link was last mailed to; null if it was not mailed.</summary>
    public string? SentTo { get; init; }

    /// <summary>When it was last mailed.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>Attempts since the relay last accepted a mail.</summary>
    public int Attempts { get; init; }

    /// <summary>When the last attempt was made, whatever its result; null if there was none.</summary>
    public DateTimeOffset? LastAttempt { get; init; }

    /// <summary>The mail that the spec and the annotation ask for was not sent yet.</summary>
    public bool IsOwed => SentTo is null || SentTo != To || (ResendToken.Length > 0 && ResendToken != HandledResend);
}

/// <summary>The result of an attempt to mail a link.</summary>
/// <param name="Problem">Why it failed, as part of a message; null if the relay accepted the mail.</param>
/// <param name="Relay">The relay, for messages.</param>
internal sealed record DeliveryResult(string? Problem, string Relay);
