namespace MailOperator.Backends;

/// <summary>What every backend with the capability <see cref="BackendCapabilities.ChosenPassword"/> holds at least.</summary>
internal static class ChosenPasswords
{
    /// <summary>
    /// Chosen passwords of one mailbox that work at a time. They have no selector, so that a login may have to be checked
    /// against each of them.
    /// </summary>
    public const int MaxPerMailbox = 4;

    /// <summary>Of those one device's that are retiring: with the current one they leave a place for the next.</summary>
    public const int MaxRetiring = MaxPerMailbox - 2;

    /// <summary>Says that the mailbox has all that it may have.</summary>
    public static MailBackendException NoPlace(string mailbox) => new(
        BackendFailure.Rejected,
        $"{mailbox} has {MaxPerMailbox} chosen passwords already, those included that still work after a change. "
        + "Wait for the end of an overlap, delete a device with a chosen password, or use a generated one, of which there can be any number.");
}
