namespace MailOperator.Backends;

/// <summary>
/// A mail system did not do what was asked. The message says what, where and what to do; it never holds a password.
/// </summary>
internal sealed class MailBackendException(BackendFailure failure, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    public BackendFailure Failure { get; } = failure;

    /// <summary>
    /// When to try again, for <see cref="BackendFailure.Busy"/> and <see cref="BackendFailure.Propagating"/>.
    /// </summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// A Secret that the MailBackend names is missing or incomplete: nothing changes until a person mends it.
    /// </summary>
    public bool IsSecretIncomplete { get; init; }

    /// <summary>The client was replaced during the call, because the MailBackend or its credentials changed.</summary>
    public static MailBackendException SettingsChanged(Exception? innerException = null) => new(
        BackendFailure.Busy,
        "The settings of the MailBackend or its credentials have just changed; it will be retried with the new ones.",
        innerException);

    /// <summary>A Secret that the MailBackend names is missing, or has not what it must have.</summary>
    /// <param name="message">Which Secret, which key, and what to do.</param>
    public static MailBackendException SecretIncomplete(string message) =>
        new(BackendFailure.Unauthorized, message) { IsSecretIncomplete = true };
}
