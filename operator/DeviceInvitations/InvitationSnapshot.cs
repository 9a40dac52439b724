using MailOperator.Api;
using MailOperator.Claims;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.Reporting;

namespace MailOperator.DeviceInvitations;

/// <summary>All facts that a decision about an invitation depends on, as observed.</summary>
internal sealed record InvitationSnapshot
{
    public required string Uid { get; init; }

    /// <summary>When the invitation was created; null if unknown.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    public bool IsDeleting { get; init; }

    public bool HasFinalizer { get; init; }

    /// <summary>Its namespace is being deleted, and the invitation with it.</summary>
    public bool IsNamespaceTerminating { get; init; }

    /// <summary>Name of the MailDevice that is created for a claim.</summary>
    public required string DeviceName { get; init; }

    public required string LinkSecretName { get; init; }

    /// <summary>Why the link cannot be used now; null if it can.</summary>
    public SpecProblem? Problem { get; init; }

    /// <summary>What the page shows; null if there is a <see cref="Problem"/>.</summary>
    public InvitationOffer? Offer { get; init; }

    /// <summary>The spec allows a chosen password, but no grant does or the backend does not.</summary>
    public bool IsChoiceRefused { get; init; }

    /// <summary>When the link expires.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The link's Secret; null if it was not read.</summary>
    public LinkState? Link { get; init; }

    /// <summary>The status names a link, so one was handed out.</summary>
    public bool WasLinkReported { get; init; }

    /// <summary>This reconcile has just written the link, so nobody has used it.</summary>
    public bool IsLinkNew { get; init; }

    /// <summary>
    /// The finalizer is added after the status names the link. A finalizer without a named link means that the status
    /// was lost, and nobody can tell whether this link was used.
    /// </summary>
    public bool IsLinkUnaccounted => HasFinalizer && !WasLinkReported && !IsLinkNew;

    /// <summary>
    /// The claim in the status; null if there is none. The portal wrote it, and may write anything there.
    /// </summary>
    public InvitationClaim? Claim { get; init; }

    /// <summary>What the operator has decided about the claim; null if nothing yet.</summary>
    public ClaimRecord? Record { get; init; }

    /// <summary>The lowest work factor of a hash that the MailBackend takes; null if none was found.</summary>
    public int? WorkFactor { get; init; }

    /// <summary>The spec lets the person type a password.</summary>
    public bool MayChoose { get; init; }

    /// <summary>
    /// The MailDevice that the status names; null if it names none. Believed only against the invitation: the portal
    /// may have written it.
    /// </summary>
    public ClaimedDeviceReference? ReportedDevice { get; init; }

    /// <summary>The mail with the link; null if the spec asks for none.</summary>
    public DeliveryFacts? Delivery { get; init; }

    /// <summary>The invitation's MailDevice.</summary>
    public DeviceFound Device { get; init; } = new DeviceFound.None();
}

/// <summary>The object found under the name of the invitation's MailDevice: a closed set.</summary>
internal abstract record DeviceFound
{
    private DeviceFound()
    {
    }

    public sealed record None : DeviceFound;

    /// <summary>A device that was not created for this invitation.</summary>
    public sealed record Foreign : DeviceFound;

    /// <summary>The device that was created for it.</summary>
    /// <param name="Uid">Its UID.</param>
    /// <param name="Current">The id of its current password; null if the mail system has accepted none yet.</param>
    /// <param name="Ready">Its condition Ready; null if it was not reconciled yet.</param>
    public sealed record Own(string Uid, string? Current, Condition? Ready) : DeviceFound;
}

/// <summary>The link's Secret as it was found: a closed set. Holds no token.</summary>
internal abstract record LinkState
{
    private LinkState()
    {
    }

    public sealed record Absent : LinkState;

    /// <summary>A Secret that does not belong to this invitation.</summary>
    /// <param name="Owner">Whom it belongs to, as the end of a message.</param>
    public sealed record Foreign(string Owner) : LinkState;

    /// <summary>The Secret of this invitation.</summary>
    public sealed record Owned : LinkState
    {
        public required string Name { get; init; }

        public required string Uid { get; init; }

        public required string ResourceVersion { get; init; }

        /// <summary>SHA-256 of the token, in lower case hexadecimal.</summary>
        public required string TokenHash { get; init; }

        /// <summary>The operator made the token.</summary>
        public required bool IsGenuine { get; init; }

        /// <summary>Everything else is as wanted: the portal's address, the end, the label.</summary>
        public required bool MatchesDesired { get; init; }

        public bool IsDeleting { get; init; }
    }
}
