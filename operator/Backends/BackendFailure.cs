namespace MailOperator.Backends;

/// <summary>Why a mail system did not do what was asked.</summary>
internal enum BackendFailure
{
    /// <summary>It could not be reached or failed: try again.</summary>
    Unavailable,

    /// <summary>It did not let the operator in.</summary>
    Unauthorized,

    /// <summary>It takes no more requests at the moment: try again soon. Not reported to users.</summary>
    Busy,

    /// <summary>The store refuses passwords that ended, but some mail server could not be told.</summary>
    NotFollowed,

    /// <summary>
    /// The store refuses passwords that ended, but a mail server may still accept them for a moment: check again then.
    /// </summary>
    Propagating,

    /// <summary>It took a new password, but the mail server refuses a login with it.</summary>
    NotAccepted,

    /// <summary>The API server refused to write what belongs to the change at the mail system.</summary>
    WriteRefused,

    /// <summary>It refused what was asked; a person must act.</summary>
    Rejected,

    /// <summary>The account there lacks the feature: only a change at the provider helps.</summary>
    NotEligible,

    /// <summary>It has no such mailbox.</summary>
    MailboxNotFound,
}
