using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.Claims;

/// <summary>
/// Finds what invitations say of passwords that people took. An invitation's status is the one word on it: a tenant may
/// write the MailDevice, its Secret and the invitation's spec, and none of these makes a claim.
/// </summary>
internal sealed partial class ClaimedPasswords(ObjectStore<DeviceInvitation> invitations)
{
    /// <summary>The source, in a Secret's bookkeeping, of a password that a person typed on the page.</summary>
    public const string Typed = "person";

    private const int MaxClaimIdLength = 64;

    /// <summary>Null for a device whose password no person holds.</summary>
    public ClaimedPassword? Of(MailDevice device) => device.Spec.Password?.InvitationRef is not { } named
        ? null
        : Find(device, named.Name) is { } invitation ? new ClaimedPassword(named.Name, invitation.Status!.Claim) { IsClaimLost = invitation.Status.Claim is null }
        : new ClaimedPassword(named.Name, Claim: null);

    /// <summary>Whether a claim is such that a password can come of it; a portal is believed no more than that.</summary>
    public static bool IsWellFormed(InvitationClaim claim) =>
        claim.Id.Length is > 0 and <= MaxClaimIdLength && Selector().IsMatch(claim.Selector) && (claim.Hash is null || IsHash(claim.Hash));

    /// <summary>Whether a backend may be given it: bcrypt, in the form that this operator writes.</summary>
    public static bool IsHash([NotNullWhen(true)] string? text) => text is not null && Hash().IsMatch(text);

    /// <summary>What stands in the way of this very device; what the backend makes of any device is judged elsewhere.</summary>
    public static SpecProblem? Problem(MailDevice device, ClaimedPassword? held, BackendCapabilities capabilities) =>
        held is null ? null
            : !capabilities.HasFlag(BackendCapabilities.Hash) ? new SpecProblem(
                Reasons.Unsupported, "The backend makes passwords itself, so nobody can take one through an invitation; use another backend")
            : held.Claim is { IsChosen: true } && !capabilities.HasFlag(BackendCapabilities.ChosenPassword) ? new SpecProblem(
                Reasons.Unsupported, $"The backend takes no chosen passwords, and the person typed one; delete DeviceInvitation '{held.Invitation}' and make another with chosenPassword: Denied")
            : device.Spec.Password is { ValueFrom: not null } or { Length: not null } or { Alphabet: not null } ? new SpecProblem(
                Reasons.InvalidSpec, "spec.password takes nothing beside invitationRef, because a person holds the password")
            : device.Spec.Rotation?.Interval is not null ? new SpecProblem(
                Reasons.InvalidSpec, "spec.rotation.interval is for generated passwords; one that a person holds is replaced by inviting them again")
            : device.Spec.Secret is not null ? new SpecProblem(
                Reasons.InvalidSpec, "spec.secret has nothing to shape: a person holds the password, and the Secret keeps only its hash")
            : null;

    // Its UID is in the invitation's status: a device of that name that somebody made, or made anew, is not the one.
    private DeviceInvitation? Find(MailDevice device, string name) =>
        invitations.Find(new ObjectKey(device.Metadata.NamespaceProperty, name)) is { DecodeError: null, Status: { DeviceRef: { } claimed } status } found
        && claimed.Uid == device.Metadata.Uid && (status.Claim is not { } claim || IsWellFormed(claim))
            ? found
            : null;

    [GeneratedRegex(@"\A[a-z0-9]{6}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Selector();

    [GeneratedRegex(@"\A\$2y\$(?:0[4-9]|1[0-5])\$[./A-Za-z0-9]{53}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Hash();
}
