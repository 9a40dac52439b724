namespace MailOperator.Backends;

internal enum BackendFailure
{
    /// <summary>Not reached, or too busy: try again.</summary>
    Unavailable,

    /// <summary>It did not let the operator in.</summary>
    Unauthorized,

    /// <summary>Enough is under way already: come back in a moment.</summary>
    Busy,

    /// <summary>Passwords have ended at the store, and some mail server could not be told.</summary>
    NotFollowed,

    /// <summary>Passwords have ended at the store, and a mail server may accept them for a moment more: come back then.</summary>
    Propagating,

    /// <summary>It took a new password, and the mail server refuses a login with it.</summary>
    NotAccepted,

    /// <summary>It said no to what was asked; a person must act.</summary>
    Rejected,

    /// <summary>The account there has no such feature: nothing but a change at the provider will help.</summary>
    NotEligible,

    /// <summary>It knows no such mailbox.</summary>
    MailboxNotFound,
}

/// <summary>A mail system did not do what was asked. The message says what, where, and what to do; never a password.</summary>
internal sealed class MailBackendException(BackendFailure failure, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    public BackendFailure Failure { get; } = failure;

    /// <summary>When to come back, for <see cref="BackendFailure.Busy"/> and <see cref="BackendFailure.Propagating"/>.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMilliseconds(200);
}
