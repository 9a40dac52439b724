using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Claims;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailDevices.Verification;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Planning;

/// <summary>All that a decision about a device rests on, as observed. Facts are gathered only as far as they may be.</summary>
internal sealed record MailDeviceSnapshot
{
    public required string Uid { get; init; }

    public bool IsDeleting { get; init; }

    public bool HasFinalizer { get; init; }

    public bool IsPaused { get; init; }

    /// <summary>Its namespace is being deleted: nothing can be made there any more, and the device goes with it.</summary>
    public bool IsNamespaceGoing { get; init; }

    public DeletionPolicy DeletionPolicy { get; init; }

    /// <summary>Value of the annotation that gives up a revocation; acts only if it is this object's UID.</summary>
    public string? AbandonToken { get; init; }

    public string RotateToken { get; init; } = "";

    public string RotateAndRevokeToken { get; init; } = "";

    /// <summary>The rotate-and-revoke token that the status says was answered; the only witness where the Secret is gone.</summary>
    public string ReportedRotateAndRevoke { get; init; } = "";

    /// <summary>Selectors of the credentials that the status shows: they were handed out once.</summary>
    public ImmutableArray<string> ReportedCredentials { get; init; } = [];

    /// <summary>What the spec asks for; null together with a <see cref="Problem"/>.</summary>
    public DesiredCredential? Desired { get; init; }

    /// <summary>What stands in the way before any outside call is made.</summary>
    public SpecProblem? Problem { get; init; }

    /// <summary>Why it may not have a first password yet; null if it may, or has one.</summary>
    public SpecProblem? NoRoom { get; init; }

    /// <summary>No grant allows it any more, and its backend wants what was issued before to end.</summary>
    public bool IsGrantRevoked { get; init; }

    /// <summary>The MailBackend that the device is for, as far as it is known.</summary>
    public string? BackendName { get; init; }

    /// <summary>When the password must have ended whatever else the spec says; null means never, or not known.</summary>
    public DateTimeOffset? LatestEnd { get; init; }

    /// <summary>The latest login that its backend knows of.</summary>
    public LastUse? LastUse { get; init; }

    /// <summary>What there is of a device that stands still: paused, or with a <see cref="Problem"/>. Null if not looked at.</summary>
    public FrozenCredential? Frozen { get; init; }

    /// <summary>A device stands still and its backend did not tell what it holds.</summary>
    public bool IsFrozenUnknown { get; init; }

    /// <summary>Null where it was not looked at.</summary>
    public SecretState? Secret { get; init; }

    /// <summary>Where the chosen password comes from, as it is now; null for a generated one.</summary>
    public SourceState? Source { get; init; }

    /// <summary>What its invitation says of the password that a person took; null for any other device.</summary>
    public ClaimedPassword? Held { get; init; }

    /// <summary>Whether <see cref="Secret"/> was read from the API server in this pass and not remembered.</summary>
    public bool IsSecretLive { get; init; }

    /// <summary>Secrets of this device under names that it no longer asks for.</summary>
    public ImmutableArray<ObsoleteSecret> ObsoleteSecrets { get; init; } = [];

    /// <summary>Slots of this device at its backend.</summary>
    public ImmutableArray<Slot> Slots { get; init; } = [];

    /// <summary>Slots of this device that have ended and wait for the mail servers to be told; not among its other slots.</summary>
    public ImmutableArray<Slot> EndedSlots { get; init; } = [];

    /// <summary>
    /// How long after a slot's end its mail servers may still accept it, so that they are told after that; null if
    /// none is to be told.
    /// </summary>
    public TimeSpan? PropagationDelay { get; init; }

    /// <summary>Since when the device is reported as suspended with mail servers yet to be told; null if it is not.</summary>
    public DateTimeOffset? SuspensionPendingSince { get; init; }

    /// <summary>The device is reported as suspended, and every mail server has been told.</summary>
    public bool IsSuspensionComplete { get; init; }

    /// <summary>How its password is tried at the mail server; null if it is not, or not known.</summary>
    public LoginCheck? LoginCheck { get; init; }

    /// <summary>What the mail server last said to a password that has ended, if this process has asked it.</summary>
    public EndedLogin? EndedLogin { get; init; }

    /// <summary>Since when the object is being deleted; null if it is not.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>How young a slot that no Secret names may be and still be somebody's work in progress.</summary>
    public TimeSpan UncommittedSlotGrace { get; init; }
}
