using MailOperator.Api;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.Reporting;

namespace MailOperator.DeviceInvitations;

/// <summary>All that a decision about an invitation rests on, as observed.</summary>
internal sealed record InvitationSnapshot
{
    public required string Uid { get; init; }

    public bool IsDeleting { get; init; }

    public bool HasFinalizer { get; init; }

    /// <summary>Its namespace is being deleted, and the invitation with it.</summary>
    public bool IsNamespaceGoing { get; init; }

    /// <summary>Name of the MailDevice that a claim makes.</summary>
    public required string DeviceName { get; init; }

    public required string LinkSecretName { get; init; }

    /// <summary>Why nobody may use the link now; null if nothing is in the way.</summary>
    public SpecProblem? Problem { get; init; }

    /// <summary>What the page shows; null together with a <see cref="Problem"/>.</summary>
    public InvitationOffer? Offer { get; init; }

    /// <summary>The spec allows a chosen password and no grant, or not the backend, does.</summary>
    public bool IsChoiceRefused { get; init; }

    /// <summary>When the link ends.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The link's Secret; null where it was not looked at.</summary>
    public LinkState? Link { get; init; }

    /// <summary>Whether the status names a link: one was handed out.</summary>
    public bool WasLinkReported { get; init; }

    /// <summary>The link was written in this very pass, so that nobody has used it.</summary>
    public bool IsLinkNew { get; init; }

    /// <summary>
    /// The finalizer comes after the status has named the link: with the one and without the other the status is lost, and nobody
    /// can tell whether this link was used.
    /// </summary>
    public bool IsLinkUnaccounted => HasFinalizer && !WasLinkReported && !IsLinkNew;

    /// <summary>The claim, once there is one.</summary>
    public InvitationClaim? Claim { get; init; }

    /// <summary>Whether the invitation lets the person type a password.</summary>
    public bool MayChoose { get; init; }

    /// <summary>The MailDevice that the status says was made.</summary>
    public ClaimedDeviceReference? ReportedDevice { get; init; }

    /// <summary>The status says that the password was accepted.</summary>
    public bool WasClaimReported { get; init; }

    /// <summary>The mail with the link; null where none is asked for.</summary>
    public DeliveryFacts? Delivery { get; init; }

    public DeviceFound Device { get; init; } = new DeviceFound.None();
}

/// <summary>What there is under the name of the invitation's MailDevice.</summary>
internal abstract record DeviceFound
{
    private DeviceFound()
    {
    }

    public sealed record None : DeviceFound;

    /// <summary>One that did not come of this invitation.</summary>
    public sealed record Foreign : DeviceFound;

    /// <summary>The one that came of it.</summary>
    /// <param name="Uid">Its UID.</param>
    /// <param name="Current">The id of the password that it says is accepted; null if none is yet.</param>
    /// <param name="Ready">Its condition Ready; null before the first look.</param>
    public sealed record Own(string Uid, string? Current, Condition? Ready) : DeviceFound;
}

/// <summary>The link's Secret as it was found. Holds no token.</summary>
internal abstract record LinkState
{
    private LinkState()
    {
    }

    public sealed record Absent : LinkState;

    /// <param name="Owner">Whose it is, for the person who must sort it out.</param>
    public sealed record Foreign(string Owner) : LinkState;

    public sealed record Owned : LinkState
    {
        public required string Name { get; init; }

        public required string Uid { get; init; }

        public required string ResourceVersion { get; init; }

        /// <summary>SHA-256 of the token, in lower case hexadecimal.</summary>
        public required string TokenHash { get; init; }

        /// <summary>False if the token is not one that the operator made.</summary>
        public required bool IsGenuine { get; init; }

        /// <summary>False if anything else in it is not as wanted: the portal's address, the end, a label.</summary>
        public required bool MatchesDesired { get; init; }

        public bool IsDeleting { get; init; }
    }
}
