using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Claims;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailDevices.Verification;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Planning;

/// <summary>
/// Everything observed about a device that a plan depends on. What was not looked at keeps its default.
/// </summary>
internal sealed record MailDeviceSnapshot
{
    public required string Uid { get; init; }

    /// <summary>When the object was created; null if that is not known.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    public bool IsDeleting { get; init; }

    public bool HasFinalizer { get; init; }

    /// <summary>
    /// It may have slots: it has the finalizer, its status shows that it had one, or that it took over a restored one.
    /// A tenant cannot write the status.
    /// </summary>
    public bool MayHaveSlots { get; init; }

    public bool IsPaused { get; init; }

    /// <summary>
    /// The value of the annotation that pauses, if it is neither "true" nor "false"; otherwise null.
    /// </summary>
    public string? UnknownPause { get; init; }

    /// <summary>The device itself has a window for rotations.</summary>
    public bool HasOwnWindow { get; init; }

    /// <summary>
    /// Its namespace is being deleted: nothing can be created there, and the device will be deleted too.
    /// </summary>
    public bool IsNamespaceTerminating { get; init; }

    public DeletionPolicy DeletionPolicy { get; init; }

    /// <summary>
    /// Value of the annotation that gives up a revocation. Only this object's UID counts; null if there is none.
    /// </summary>
    public string? AbandonToken { get; init; }

    /// <summary>Somebody gave up the revocation: what cannot be done does not hold the object.</summary>
    public bool IsAbandoned => IsDeleting && AbandonToken == Uid;

    public string RotateToken { get; init; } = "";

    public string RotateAndRevokeToken { get; init; } = "";

    /// <summary>The rotate token that the status says was handled.</summary>
    public string ReportedRotation { get; init; } = "";

    /// <summary>
    /// The rotate-and-revoke token that the status says was handled. Without the Secret there is no other record of it.
    /// </summary>
    public string ReportedRotateAndRevoke { get; init; } = "";

    /// <summary>Selectors of the credentials in the status. Their passwords were handed out.</summary>
    public ImmutableArray<string> ReportedCredentials { get; init; } = [];

    /// <summary>When earlier passwords end, as the status has it. It counts where no Secret can be believed.</summary>
    public ImmutableArray<RetiringCredential> ReportedRetiring { get; init; } = [];

    /// <summary>What the spec asks for; null together with a <see cref="Problem"/>.</summary>
    public DesiredCredential? Desired { get; init; }

    /// <summary>Why the spec cannot be followed, found without a call to the backend; null if it can.</summary>
    public SpecProblem? Problem { get; init; }

    /// <summary>Why the quotas allow no first password yet; null if they do, or if it has one.</summary>
    public SpecProblem? QuotaProblem { get; init; }

    /// <summary>Why no new password can be issued, while an issued one is not affected; null if nothing is.</summary>
    public SpecProblem? IssueProblem { get; init; }

    /// <summary>
    /// It may have slots although no grant allows it, and its MailBackend has <c>grantWithdrawn: Revoke</c>.
    /// </summary>
    public bool IsGrantRevoked { get; init; }

    /// <summary>What is taken away from the device, whatever its problem is.</summary>
    public Stops Stops { get; init; } = Stops.None;

    /// <summary>
    /// The status says that the mail system enforces the restrictions of this generation of the spec and of the user.
    /// </summary>
    public bool IsEnforced { get; init; }

    /// <summary>Name of the device's MailBackend; null if it is not known.</summary>
    public string? BackendName { get; init; }

    /// <summary>What the device's backend can do.</summary>
    public BackendCapabilities Capabilities { get; init; }

    /// <summary>
    /// Its MailBackend is missing or its driver cannot work, so that nothing can be ended there. Says why; null if not.
    /// </summary>
    public string? Unreachable { get; init; }

    /// <summary>
    /// Other places that may hold slots: the MailBackend that the spec names, if the device's own is another one. For a
    /// deleted device every place is here.
    /// </summary>
    public ImmutableArray<SlotPlace> OtherPlaces { get; init; } = [];

    /// <summary>Every place that may hold slots.</summary>
    public IEnumerable<SlotPlace> Places => IsDeleting ? OtherPlaces : OtherPlaces.Prepend(new SlotPlace(null)
    {
        Slots = Slots,
        EndedSlots = EndedSlots,
        PropagationDelay = PropagationDelay,
        Capabilities = Capabilities,
    });

    /// <summary>The latest login that its backend reports; null if it reports none.</summary>
    public LastUse? LastUse { get; init; }

    /// <summary>The device's Secret. Null if it was not looked at.</summary>
    public SecretState? Secret { get; init; }

    /// <summary>The current state of a chosen password's source; null for any other password.</summary>
    public SourceState? Source { get; init; }

    /// <summary>
    /// What its DeviceInvitation says of the claimed password; null for a device without <c>invitationRef</c>.
    /// </summary>
    public ClaimedPassword? ClaimedPassword { get; init; }

    /// <summary>
    /// The UID that the device had when its restored Secret was written, if the password in it can go on; else null.
    /// </summary>
    public string? RestoredUid { get; init; }

    /// <summary>Whether <see cref="Secret"/> was read from the API server just now and not taken from memory.</summary>
    public bool IsSecretLive { get; init; }

    /// <summary>
    /// Secrets to delete: those under names that the spec no longer has; all of them once the device is deleted or its
    /// grant is revoked.
    /// </summary>
    public ImmutableArray<ObsoleteSecret> ObsoleteSecrets { get; init; } = [];

    /// <summary>Selectors of slots that the plan ends before it gives anything. Set while planning.</summary>
    public ImmutableArray<string> EndingNow { get; init; } = [];

    /// <summary>The plan reads the rotate tokens again before. Set while planning.</summary>
    public bool AreTokensConfirmed { get; init; }

    /// <summary>A person claimed the password, or may: the operator cannot replace it.</summary>
    public bool IsForPerson { get; init; }

    /// <summary>
    /// The record in the Secret, if this operator wrote it; null if there is none that can be believed.
    /// </summary>
    public CredentialRecord? TrustedRecord => Secret switch
    {
        SecretState.Owned { IsGenuine: true } owned => owned.Credential,
        SecretState.Foreign foreign => foreign.Record,
        _ => null,
    };

    /// <summary>Slots of this device at its backend, without <see cref="EndedSlots"/>.</summary>
    public ImmutableArray<Slot> Slots { get; init; } = [];

    /// <summary>Its own backend was asked for its slots.</summary>
    public bool AreSlotsKnown { get; init; }

    /// <summary>Slots that the backend refuses already and keeps until the mail servers are told.</summary>
    public ImmutableArray<Slot> EndedSlots { get; init; } = [];

    /// <summary>
    /// How long mail servers may still accept a slot after its end. They are told only after that; null if there are
    /// none to tell.
    /// </summary>
    public TimeSpan? PropagationDelay { get; init; }

    /// <summary>
    /// Since when the status says that the backend refuses the suspended password; null if it does not.
    /// </summary>
    public DateTimeOffset? SuspendedSince { get; init; }

    /// <summary>The status says so, and every mail server has been told.</summary>
    public bool IsSuspensionComplete { get; init; }

    /// <summary>How logins with its password are tried; null if verification is off or unknown.</summary>
    public LoginCheck? LoginCheck { get; init; }

    /// <summary>The last login with a password that has ended; null if this process has tried none.</summary>
    public EndedLogin? EndedLogin { get; init; }

    /// <summary>When the object was deleted (its deletionTimestamp); null if it was not.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>Slots of passwords that this process pushed and could not commit. They end now.</summary>
    public ImmutableHashSet<string> Unconfirmed { get; init; } = [];

    /// <summary>Below this age a slot that no Secret names may belong to an issue in progress.</summary>
    public TimeSpan UncommittedSlotGrace { get; init; }
}
