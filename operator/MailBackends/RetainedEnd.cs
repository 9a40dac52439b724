namespace MailOperator.MailBackends;

/// <summary>Why a retained password ends.</summary>
internal enum RetainedEnd
{
    /// <summary>An earlier look has ended it; the mail servers are not told yet.</summary>
    Begun,

    /// <summary>A person asked for it.</summary>
    Asked,

    /// <summary>It is older than <c>spec.expiry.maximum</c>.</summary>
    Expired,

    /// <summary>No grant lets its namespace retain it any more.</summary>
    Withdrawn,
}
