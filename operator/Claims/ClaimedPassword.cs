using MailOperator.Api;

namespace MailOperator.Claims;

/// <summary>A password that a person holds.</summary>
/// <param name="Invitation">Name of the DeviceInvitation.</param>
/// <param name="Claim">The claim; null if there is none for this device, or it was lost.</param>
internal sealed record ClaimedPassword(string Invitation, InvitationClaim? Claim)
{
    /// <summary>The invitation's record names this device, but nobody knows its claim: its status was lost.</summary>
    public bool IsClaimLost { get; init; }
}
