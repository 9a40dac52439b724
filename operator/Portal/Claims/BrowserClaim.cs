using MailOperator.Passwords;

namespace MailOperator.Portal.Claims;

/// <summary>
/// A claim as its browser holds it, with the password. Between two requests it exists only in the browser's cookie,
/// sealed.
/// </summary>
internal sealed class BrowserClaim(
    string claimId, DateTimeOffset claimedAt, DateTimeOffset? shownUntil, AppPassword? password) : IDisposable
{
    /// <summary>The id of the claim in the invitation's status.</summary>
    public string ClaimId => claimId;

    /// <summary>When the claim was written, by the portal's clock.</summary>
    public DateTimeOffset ClaimedAt => claimedAt;

    /// <summary>When the password stops being shown; null before it was shown for the first time.</summary>
    public DateTimeOffset? ShownUntil => shownUntil;

    /// <summary>
    /// Null if the person typed the password and the browser never received the sealed copy: then only they know it.
    /// </summary>
    public AppPassword? Password => password;

    /// <summary>
    /// The same claim, shown until then. Both share one password, so dispose of only one of them.
    /// </summary>
    public BrowserClaim Shown(DateTimeOffset until) => new(claimId, claimedAt, until, password);

    public void Dispose() => password?.Dispose();
}
