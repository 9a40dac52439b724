namespace MailOperator.Languages;

/// <summary>Texts of the mail with a link, in one language.</summary>
internal sealed class MailTexts
{
    /// <summary>Without a name: no tenant writes a subject.</summary>
    public required string Subject { get; init; }

    /// <summary>{0} is the person's name.</summary>
    public required string Greeting { get; init; }

    /// <summary>{0} is the mailbox, {1} the device's name.</summary>
    public required string Lead { get; init; }

    public required string Button { get; init; }

    /// <summary>{0} is the date and time at which the link expires.</summary>
    public required string Until { get; init; }

    public required string Once { get; init; }

    /// <summary>Above the link written out.</summary>
    public required string Fallback { get; init; }

    public required string Unexpected { get; init; }
}
