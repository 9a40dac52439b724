using MailOperator.Api;

namespace MailOperator.DeviceInvitations.Delivery;

/// <summary>What is known of the mail with the link; null where none is asked for.</summary>
internal sealed record DeliveryFacts
{
    /// <summary>The address to mail to; null together with a <see cref="Problem"/>.</summary>
    public string? To { get; init; }

    public MailLanguage Language { get; init; }

    /// <summary>Why nothing can be mailed, before anything is tried.</summary>
    public string? Problem { get; init; }

    /// <summary>Value of the annotation that asks for the mail once more; "" if there is none.</summary>
    public string ResendToken { get; init; } = "";

    public string HandledResend { get; init; } = "";

    /// <summary>Where this very link was mailed to last; null if it was not.</summary>
    public string? SentTo { get; init; }

    /// <summary>When that was.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>Tries in vain since the last mail.</summary>
    public int Attempts { get; init; }

    public DateTimeOffset? LastAttempt { get; init; }

    /// <summary>Whether the mail has yet to go out as the spec wants it.</summary>
    public bool IsOwed => SentTo is null || SentTo != To || (ResendToken.Length > 0 && ResendToken != HandledResend);
}

/// <summary>What came of a try.</summary>
/// <param name="Problem">Why it failed, for people; null if the relay took the mail.</param>
/// <param name="Relay">Which relay it was.</param>
internal sealed record DeliveryResult(string? Problem, string Relay);
