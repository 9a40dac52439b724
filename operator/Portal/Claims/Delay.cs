namespace MailOperator.Portal.Claims;

/// <summary>Why a claim is not completed yet.</summary>
internal enum Delay
{
    None,

    /// <summary>Nobody's fault here; it is completed when the mail system is back.</summary>
    MailServerAway,

    /// <summary>Somebody has to do something: a grant was withdrawn, a quota is used up.</summary>
    Refused,
}
