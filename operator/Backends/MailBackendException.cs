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

    /// <summary>The client was replaced during the call, because the MailBackend or its credentials changed.</summary>
    public static MailBackendException SettingsChanged(Exception? innerException = null) => new(
        BackendFailure.Busy,
        "The settings of the MailBackend or its credentials have just changed; it will be retried with the new ones.",
        innerException);
}
