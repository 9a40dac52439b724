namespace MailOperator.Backends;

/// <summary>Limits for backends with the capability <see cref="BackendCapabilities.ChosenPassword"/>.</summary>
internal static class ChosenPasswords
{
    /// <summary>
    /// Chosen passwords of one mailbox that work at a time. They do not begin with a selector, so a mail server may
    /// have to check a login against each of them.
    /// </summary>
    public const int MaxPerMailbox = 4;

    /// <summary>
    /// How many of them may be retiring passwords of one device: with the current one they leave a place for the next.
    /// </summary>
    public const int MaxRetiring = MaxPerMailbox - 2;

    /// <summary>The mailbox already has the maximum.</summary>
    public static MailBackendException NoPlace(string mailbox) => new(
        BackendFailure.Rejected,
        $"{mailbox} already has {MaxPerMailbox} chosen passwords, including those that still work after a change. "
        + "Wait for the end of an overlap, delete a device with a chosen password, or use a generated password, "
        + "which has no such limit.");
}
