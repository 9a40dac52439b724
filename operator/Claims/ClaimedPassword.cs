using MailOperator.Api;

namespace MailOperator.Claims;

/// <summary>A password that a person holds.</summary>
/// <param name="Invitation">Name of the DeviceInvitation.</param>
/// <param name="Claim">How the person took it; null if no claim is for this device, or none is known any more.</param>
internal sealed record ClaimedPassword(string Invitation, InvitationClaim? Claim)
{
    /// <summary>The invitation says that this is its device, and no longer how its password was taken: its status was lost.</summary>
    public bool IsClaimLost { get; init; }
}
