using MailOperator.Passwords;

namespace MailOperator.Portal.Claims;

/// <summary>A password on its way to the person who claimed it. Between two requests it is in their browser only, sealed.</summary>
internal sealed class BrowserClaim(string claimId, DateTimeOffset claimedAt, DateTimeOffset? shownUntil, AppPassword? password) : IDisposable
{
    /// <summary>The claim that it belongs to.</summary>
    public string ClaimId => claimId;

    /// <summary>When the claim was written, by the portal's clock.</summary>
    public DateTimeOffset ClaimedAt => claimedAt;

    /// <summary>When it is shown for the last time; null until it was shown first.</summary>
    public DateTimeOffset? ShownUntil => shownUntil;

    /// <summary>Null for one that the person typed and whose sealed copy never reached the browser: they alone know it.</summary>
    public AppPassword? Password => password;

    /// <summary>The same password, which is shown now and until then. There is one password still: dispose of one of the two.</summary>
    public BrowserClaim Shown(DateTimeOffset until) => new(claimId, claimedAt, until, password);

    public void Dispose() => password?.Dispose();
}
