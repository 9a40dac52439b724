using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.Claims;

/// <summary>
/// Finds the claims of passwords that people took: in the records that the operator keeps in its invitations, with the
/// hashes in their status. A tenant may write the MailDevice, its Secret and the invitation, but not the status; the
/// portal may write the status, but not the record.
/// </summary>
internal sealed partial class ClaimedPasswords(ObjectStore<DeviceInvitation> invitations)
{
    /// <summary>The value of <see cref="Annotations.Source"/> for a password that a person typed on the page.</summary>
    public const string Typed = "person";

    private const int MaxClaimIdLength = 64;

    /// <summary>The password that a person holds for the device; null if spec.password has no invitationRef.</summary>
    public ClaimedPassword? Of(MailDevice device)
    {
        if (device.Spec.Password?.InvitationRef is not { } named)
        {
            return null;
        }

        var key = new ObjectKey(device.Metadata.NamespaceProperty, named.Name);
        DeviceInvitation? invitation = invitations.Find(key) is { DecodeError: null } found ? found : null;
        // The record has the device's UID: a device of that name which somebody else made is not the one.
        if (ClaimRecord.Of(invitation) is not { } record || record.Device != device.Metadata.Uid)
        {
            return new ClaimedPassword(named.Name, Claim: null);
        }

        InvitationClaim? claim =
            record.Read(invitation!.Status?.Claim) is { } read && IsWellFormed(read) ? read : null;
        return new ClaimedPassword(named.Name, claim) { IsClaimLost = claim is null };
    }

    /// <summary>Whether a password can be issued for the claim. The portal that wrote it is not trusted.</summary>
    public static bool IsWellFormed(InvitationClaim claim) =>
        claim.Id.Length is > 0 and <= MaxClaimIdLength
        && Selector().IsMatch(claim.Selector)
        && (claim.Hash is null || IsHash(claim.Hash));

    /// <summary>Whether it is a bcrypt hash in the form that this operator gives to backends.</summary>
    public static bool IsHash([NotNullWhen(true)] string? text) => text is not null && Hash().IsMatch(text);

    /// <summary>The work factor of a bcrypt hash that <see cref="IsHash"/>: two to its power rounds.</summary>
    public static int WorkFactorOf(string hash) => int.Parse(hash.AsSpan(4, 2), CultureInfo.InvariantCulture);

    /// <summary>
    /// Why the device cannot have a password that a person holds; null if it can. Problems that do not depend on the
    /// claim are found elsewhere.
    /// </summary>
    public static SpecProblem? Problem(
        MailDevice device, ClaimedPassword? claimed, BackendCapabilities capabilities) => claimed switch
        {
            null => null,
            _ when !capabilities.HasFlag(BackendCapabilities.Hash) => new SpecProblem(
                Reasons.Unsupported,
                "The backend makes passwords itself, so nobody can take one through an invitation; "
                + "use another backend"),
            { Claim.IsChosen: true } when !capabilities.HasFlag(BackendCapabilities.ChosenPassword) => new SpecProblem(
                Reasons.Unsupported,
                "The backend takes no chosen passwords, and the person typed one; delete DeviceInvitation "
                + $"'{claimed.Invitation}' and make another with chosenPassword: Denied"),
            _ => SpecProblemOf(device.Spec),
        };

    private static SpecProblem? SpecProblemOf(MailDeviceSpec spec) => spec switch
    {
        { Password: { ValueFrom: not null } or { Length: not null } or { Alphabet: not null } } => new SpecProblem(
            Reasons.InvalidSpec,
            "spec.password takes nothing beside invitationRef, because a person holds the password"),
        { Rotation.Interval: not null } => new SpecProblem(
            Reasons.InvalidSpec,
            "spec.rotation.interval is for generated passwords; "
            + "one that a person holds is replaced by inviting them again"),
        { Secret: not null } => new SpecProblem(
            Reasons.InvalidSpec,
            "spec.secret has nothing to shape: a person holds the password, and the Secret keeps only its hash"),
        _ => null,
    };

    [GeneratedRegex(@"\A[a-z0-9]{6}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Selector();

    [GeneratedRegex(@"\A\$2y\$(?:0[4-9]|1[0-5])\$[./A-Za-z0-9]{53}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Hash();
}
