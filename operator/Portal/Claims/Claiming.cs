using System.Text;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Passwords;

namespace MailOperator.Portal.Claims;

/// <summary>Turns an open link into a claim: generates or takes the password, hashes it, and writes the hash.</summary>
internal sealed class Claiming(IClaimWriter writer, PasswordHasher hasher, TimeProvider clock)
{
    /// <summary>What a password that a person types must not contain.</summary>
    /// <param name="offer">The mailbox and the hosts.</param>
    /// <param name="organization">Who offers the page; null if it does not say.</param>
    public static IReadOnlyList<string> WordsOf(InvitationOffer offer, string? organization) =>
        ChosenPasswordWeakness.WordsOf(
            offer.Mailbox, offer.Username, organization, offer.Client?.Imap?.Host, offer.Client?.Pop3?.Host,
            offer.Client?.Smtp?.Host);

    public static bool AllowsChosen(DeviceInvitation invitation) =>
        invitation.Status?.Offer?.Password?.Chosen == ChosenPasswordPolicy.Allowed;

    /// <summary>
    /// Claims with a generated password or, if the invitation allows it, with the one that the person typed.
    /// </summary>
    /// <param name="invitation">An invitation whose link is open.</param>
    /// <param name="key">The browser's key.</param>
    /// <param name="chosen">The password that the person typed; null for a generated one.</param>
    /// <param name="organization">Who offers the page; null if it does not say.</param>
    /// <param name="cancellationToken">
    /// Cancelled when the browser disconnects: then nobody would receive the password, so nothing is claimed. Has no
    /// effect once the claim is being written.
    /// </param>
    public async Task<ClaimOutcome> ClaimAsync(
        DeviceInvitation invitation,
        ClaimKey key,
        string? chosen,
        string? organization,
        CancellationToken cancellationToken)
    {
        OfferedPassword? offer = invitation.Status?.Offer?.Password;
        if (chosen is not null && !AllowsChosen(invitation))
        {
            return new ClaimOutcome.NotAllowed();
        }

        AppPassword password = Take(key, offer, chosen);
        if (chosen is not null && ChosenPassword.BrokenRule(
            password.Bytes, WordsOf(invitation.Status!.Offer!, organization)) is { } broken)
        {
            return new ClaimOutcome.BadPassword(broken);
        }

        var claim = new InvitationClaim
        {
            Id = key.IdOf(password),
            At = clock.GetUtcNow(),
            IsChosen = chosen is not null,
            Selector = chosen is null ? password.Selector : PasswordGenerator.GenerateSelector(),
            Hash = await hasher.HashAsync(
                password, offer?.WorkFactor ?? PasswordHasher.DefaultWorkFactor, cancellationToken),
        };
        // After a second tap the browser reads only the answer to the second form.
        cancellationToken.ThrowIfCancellationRequested();
        var browserClaim = new BrowserClaim(claim.Id, claim.At, shownUntil: null, password);
        try
        {
            return await writer.WriteAsync(invitation, claim, CancellationToken.None) switch
            {
                // Written now, or by an earlier send of the same form whose answer was lost.
                { } current when current.Id == claim.Id => new ClaimOutcome.Written(browserClaim),
                { } current when key.HasMade(current) => new ClaimOutcome.Taken(),
                _ => new ClaimOutcome.TooLate(),
            };
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException
            || e is ApiException { StatusCode: >= System.Net.HttpStatusCode.InternalServerError })
        {
            // The claim may have been written all the same: the browser keeps the password until the watch shows it.
            return new ClaimOutcome.Unknown(browserClaim, e.Message);
        }
    }

    /// <summary>
    /// Answers a form of a browser that has claimed before. The same form again succeeds; another password is refused.
    /// </summary>
    public static ClaimOutcome ClaimAgain(
        DeviceInvitation invitation, ClaimKey key, string? chosen, BrowserClaim browserClaim)
    {
        AppPassword password = Take(key, invitation.Status?.Offer?.Password, chosen);
        return key.IdOf(password) == browserClaim.ClaimId
            ? new ClaimOutcome.Written(
                new BrowserClaim(browserClaim.ClaimId, browserClaim.ClaimedAt, browserClaim.ShownUntil, password))
            : new ClaimOutcome.Taken();
    }

    private static AppPassword Take(ClaimKey key, OfferedPassword? offer, string? chosen) =>
        chosen is null ? key.Generate(offer) : new AppPassword(Encoding.UTF8.GetBytes(chosen));
}

/// <summary>The outcome of a claim: a closed set.</summary>
internal abstract record ClaimOutcome
{
    private ClaimOutcome()
    {
    }

    /// <summary>The claim is in the invitation's status.</summary>
    public sealed record Written(BrowserClaim Claim) : ClaimOutcome;

    /// <summary>The API server did not confirm the write. The claim may or may not be there.</summary>
    public sealed record Unknown(BrowserClaim Claim, string Problem) : ClaimOutcome;

    /// <summary>This browser has claimed before with another password, and the first one counts.</summary>
    public sealed record Taken : ClaimOutcome;

    /// <summary>Somebody else has claimed the link, or it has ended in the meantime.</summary>
    public sealed record TooLate : ClaimOutcome;

    /// <summary>The typed password breaks a rule.</summary>
    public sealed record BadPassword(ChosenPasswordRule Rule) : ClaimOutcome;

    /// <summary>
    /// A typed password although the invitation does not allow one: no page of the portal sends that.
    /// </summary>
    public sealed record NotAllowed : ClaimOutcome;
}
