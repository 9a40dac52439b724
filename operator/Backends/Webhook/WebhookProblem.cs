namespace MailOperator.Backends.Webhook;

/// <summary>The parts of a problem document (RFC 9457) that are used.</summary>
internal sealed record WebhookProblem
{
    public const string MailboxNotFound = "tag:mailoperator.io,2026:mailbox-not-found";
    public const string SelectorTaken = "tag:mailoperator.io,2026:selector-taken";
    public const string TooManyChosen = "tag:mailoperator.io,2026:too-many-chosen";

    public string? Type { get; init; }

    public string? Detail { get; init; }
}
