using System.Text;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Passwords;

namespace MailOperator.Portal.Claims;

/// <summary>Turns an open link into a claim: makes or takes the password, hashes it, and writes the hash.</summary>
internal sealed class Claiming(IClaimWriter writer, PasswordHasher hasher, TimeProvider clock)
{
    public static bool AllowsChosen(DeviceInvitation invitation) => invitation.Status?.Offer?.Password?.Chosen == ChosenPasswordPolicy.Allowed;

    /// <summary>Claims with a password made here, or (where the invitation allows it) with the one that the person typed.</summary>
    /// <param name="invitation">An invitation whose link is open.</param>
    /// <param name="key">The browser's.</param>
    /// <param name="chosen">What the person typed; null for a generated password.</param>
    /// <param name="cancellationToken">
    /// The browser has gone: nobody is there to take the password, so that nothing is claimed. Once the claim is being written it ends nothing.
    /// </param>
    public async Task<ClaimOutcome> ClaimAsync(DeviceInvitation invitation, ClaimKey key, string? chosen, CancellationToken cancellationToken)
    {
        OfferedPassword? offer = invitation.Status?.Offer?.Password;
        if (chosen is not null && !AllowsChosen(invitation))
        {
            return new ClaimOutcome.NotAllowed();
        }

        AppPassword password = Take(key, offer, chosen);
        if (chosen is not null && ChosenPassword.BrokenRule(password.Bytes) is { } broken)
        {
            return new ClaimOutcome.BadPassword(broken);
        }

        var claim = new InvitationClaim
        {
            Id = key.IdOf(password),
            At = clock.GetUtcNow(),
            IsChosen = chosen is not null,
            Selector = chosen is null ? password.Selector : PasswordGenerator.GenerateSelector(),
            Hash = await hasher.HashAsync(password, offer?.WorkFactor ?? PasswordHasher.DefaultWorkFactor, cancellationToken),
        };
        cancellationToken.ThrowIfCancellationRequested(); // a second tap has sent the form again, and its answer is the one that is read
        var browserClaim = new BrowserClaim(claim.Id, claim.At, shownUntil: null, password);
        try
        {
            return await writer.WriteAsync(invitation, claim, CancellationToken.None) is not { } standing ? new ClaimOutcome.TooLate()
                : standing.Id == claim.Id ? new ClaimOutcome.Written(browserClaim) // now, or by the same form before it, whose answer was lost
                : key.HasMade(standing) ? new ClaimOutcome.Taken()
                : new ClaimOutcome.TooLate();
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException
            || e is ApiException { StatusCode: >= System.Net.HttpStatusCode.InternalServerError })
        {
            // The claim may be there all the same: the browser keeps the password until that is known.
            return new ClaimOutcome.Unknown(browserClaim, e.Message);
        }
    }

    /// <summary>Judges a form of a browser that has claimed already: the same once more, or one with another password, which is not taken.</summary>
    public static ClaimOutcome ClaimAgain(DeviceInvitation invitation, ClaimKey key, string? chosen, BrowserClaim browserClaim)
    {
        AppPassword password = Take(key, invitation.Status?.Offer?.Password, chosen);
        return key.IdOf(password) == browserClaim.ClaimId
            ? new ClaimOutcome.Written(new BrowserClaim(browserClaim.ClaimId, browserClaim.ClaimedAt, browserClaim.ShownUntil, password))
            : new ClaimOutcome.Taken();
    }

    private static AppPassword Take(ClaimKey key, OfferedPassword? offer, string? chosen) =>
        chosen is null ? key.Generate(offer) : new AppPassword(Encoding.UTF8.GetBytes(chosen));
}

/// <summary>How a claim went: a closed set.</summary>
internal abstract record ClaimOutcome
{
    private ClaimOutcome()
    {
    }

    public sealed record Written(BrowserClaim Claim) : ClaimOutcome;

    /// <summary>The API server did not say whether it took the claim.</summary>
    public sealed record Unknown(BrowserClaim Claim, string Problem) : ClaimOutcome;

    /// <summary>This browser has claimed before, with another password; that one counts.</summary>
    public sealed record Taken : ClaimOutcome;

    /// <summary>Somebody else has it, or the link ended meanwhile.</summary>
    public sealed record TooLate : ClaimOutcome;

    public sealed record BadPassword(ChosenPasswordRule Rule) : ClaimOutcome;

    /// <summary>A typed password where none is asked for: no page of ours sends that.</summary>
    public sealed record NotAllowed : ClaimOutcome;
}
