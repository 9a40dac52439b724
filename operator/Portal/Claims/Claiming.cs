using System.Security.Cryptography;
using System.Text;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Passwords;

namespace MailOperator.Portal.Claims;

/// <summary>Turns an open link into a claim: makes or takes the password, hashes it, and writes the hash.</summary>
internal sealed class Claiming(IClaimWriter writer, PasswordHasher hasher, TimeProvider clock)
{
    private const int IdBytes = 16;

    public static bool AllowsChosen(DeviceInvitation invitation) => invitation.Status?.Offer?.Password?.Chosen == ChosenPasswordPolicy.Allowed;

    /// <summary>Claims with a password made here, or (where the invitation allows it) with the one that the person typed.</summary>
    /// <param name="invitation">An invitation whose link is open.</param>
    /// <param name="chosen">What the person typed; null for a generated password.</param>
    /// <param name="cancellationToken">
    /// The browser has gone: nobody is there to take the password, so that nothing is claimed. Once the claim is being written it ends nothing.
    /// </param>
    public async Task<ClaimOutcome> ClaimAsync(DeviceInvitation invitation, string? chosen, CancellationToken cancellationToken)
    {
        OfferedPassword? offer = invitation.Status?.Offer?.Password;
        if (chosen is not null && !AllowsChosen(invitation))
        {
            return new ClaimOutcome.NotAllowed();
        }

        if (!TryTake(offer, chosen, out AppPassword password, out ChosenPasswordRule? broken))
        {
            return new ClaimOutcome.BadPassword(broken!.Value);
        }

        var claim = new InvitationClaim
        {
            Id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes)),
            At = clock.GetUtcNow(),
            IsChosen = chosen is not null,
            Selector = chosen is null ? password.Selector : PasswordGenerator.GenerateSelector(),
            Hash = await hasher.HashAsync(password, offer?.WorkFactor ?? PasswordHasher.DefaultWorkFactor, cancellationToken),
        };
        cancellationToken.ThrowIfCancellationRequested(); // a second tap has sent the form again, and its answer is the one that is read
        var held = new HeldPassword(claim.Id, claim.At, shownUntil: null, password);
        try
        {
            return await writer.TryWriteAsync(invitation, claim, CancellationToken.None) ? new ClaimOutcome.Written(held) : new ClaimOutcome.TooLate();
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException
            || e is ApiException { StatusCode: >= System.Net.HttpStatusCode.InternalServerError })
        {
            // The claim may be there all the same: the browser keeps the password until that is known.
            return new ClaimOutcome.Unknown(held, e.Message);
        }
    }

    private static bool TryTake(OfferedPassword? offer, string? chosen, out AppPassword password, out ChosenPasswordRule? broken)
    {
        if (chosen is null)
        {
            password = PasswordGenerator.Generate(offer?.Length ?? PasswordGenerator.DefaultLength, offer?.Alphabet ?? PasswordAlphabet.Alphanumeric);
            broken = null;
            return true;
        }

        byte[] typed = Encoding.UTF8.GetBytes(chosen);
        broken = ChosenPassword.BrokenRule(typed);
        password = new AppPassword(typed);
        return broken is null;
    }
}

/// <summary>How a claim went: a closed set.</summary>
internal abstract record ClaimOutcome
{
    private ClaimOutcome()
    {
    }

    public sealed record Written(HeldPassword Held) : ClaimOutcome;

    /// <summary>The API server did not say whether it took the claim.</summary>
    public sealed record Unknown(HeldPassword Held, string Problem) : ClaimOutcome;

    /// <summary>Somebody else has it, or the link ended meanwhile.</summary>
    public sealed record TooLate : ClaimOutcome;

    public sealed record BadPassword(ChosenPasswordRule Rule) : ClaimOutcome;

    /// <summary>A typed password where none is asked for: no page of ours sends that.</summary>
    public sealed record NotAllowed : ClaimOutcome;
}
