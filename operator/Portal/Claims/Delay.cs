namespace MailOperator.Portal.Claims;

/// <summary>Why a claim is not completed yet.</summary>
internal enum Delay
{
    /// <summary>Nothing is wrong; the operator is still working.</summary>
    None,

    /// <summary>The mail system does not answer. The claim completes by itself when it is back.</summary>
    MailServerAway,

    /// <summary>Somebody has to act: for example, a grant was withdrawn or a quota is used up.</summary>
    Refused,
}
