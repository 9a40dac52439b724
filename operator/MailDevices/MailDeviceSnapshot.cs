using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;

namespace MailOperator.MailDevices;

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

    /// <summary>What the spec asks for; null together with a <see cref="Problem"/>.</summary>
    public DesiredCredential? Desired { get; init; }

    /// <summary>What stands in the way before any outside call is made.</summary>
    public SpecProblem? Problem { get; init; }

    /// <summary>Null where it was not looked at.</summary>
    public SecretState? Secret { get; init; }

    /// <summary>Whether <see cref="Secret"/> was read from the API server in this pass and not remembered.</summary>
    public bool IsSecretLive { get; init; }

    /// <summary>Secrets of this device under names that it no longer asks for.</summary>
    public ImmutableArray<StraySecret> Strays { get; init; } = [];

    /// <summary>Slots of this device at its backend.</summary>
    public ImmutableArray<Slot> Slots { get; init; } = [];

    /// <summary>How young a slot that no Secret names may be and still be somebody's work in progress.</summary>
    public TimeSpan UncommittedSlotGrace { get; init; }
}

/// <summary>A Secret to be removed, by UID.</summary>
internal sealed record StraySecret(string Name, string Uid);
