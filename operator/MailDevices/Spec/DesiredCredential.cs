using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailServers;
using MailOperator.MailUsers;
using MailOperator.SecretTemplates;

namespace MailOperator.MailDevices.Spec;

/// <summary>What a device's spec and its backend's settings ask for, checked and with every default filled in.</summary>
internal sealed record DesiredCredential
{
    public required string BackendName { get; init; }

    /// <summary>In lower case, as the backend keeps it.</summary>
    public required string Mailbox { get; init; }

    /// <summary>What a client types in.</summary>
    public required string Username { get; init; }

    public required SlotRestrictions Restrictions { get; init; }

    /// <summary>Name of the MailUser whose suspension is a reason for that of the credential; null if there is none.</summary>
    public string? SuspendedUser { get; init; }

    /// <summary>The device as the mail system is told of it, where that makes the passwords itself; null where it takes hashes.</summary>
    public DeviceDescription? Device { get; init; }

    /// <summary>Whether the mail system makes the password. What a slot may be used for cannot be changed there afterwards.</summary>
    public bool IsIssued => Device is not null;

    /// <summary>Of an issued password that for which it is made: another asks for another password. "" for others.</summary>
    public string Shape => IsIssued ? $"{string.Join(',', Restrictions.Protocols)};{Device!.UserId}" : "";

    /// <summary>Whether the backend lists everything at once, so that a probe finds what is amiss; else each device must look.</summary>
    public bool IsProbed { get; init; } = true;

    public required int PasswordLength { get; init; }

    public required PasswordAlphabet Alphabet { get; init; }

    /// <summary>Where the chosen password is; null where one is generated.</summary>
    public LocalSecretKeyReference? Source { get; init; }

    /// <summary>A person took the password through an invitation: the Secret keeps its hash, and nothing makes another.</summary>
    public bool IsHeld { get; init; }

    /// <summary>Name of the MailUser who that person is; null if the device names none.</summary>
    public string? Holder { get; init; }

    public required int WorkFactor { get; init; }

    /// <summary>How long a previous password goes on working, counted from the new one's commit.</summary>
    public required TimeSpan Overlap { get; init; }

    /// <summary>How often it is replaced by itself; null means only when asked.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>When it may be replaced by itself; null means at any time.</summary>
    public RotationWindow? Window { get; init; }

    /// <summary>When it ends for good; null means never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whether the backend itself ends a slot at its time, also while no operator runs.</summary>
    public bool EndsAtBackend { get; init; }

    /// <summary>What a slot that works until then (null: for good) must say at the backend.</summary>
    public DateTimeOffset? NotAfter(DateTimeOffset? retiresAt) =>
        !EndsAtBackend ? null
            : retiresAt is { } end && !(ExpiresAt < end) ? end
            : ExpiresAt is { } expires ? Kubernetes.Rfc3339.WholeSeconds(expires)
            : null;

    /// <summary>The credential as it may be used while its user, if it has one, is as it is now.</summary>
    public DesiredCredential For(MailUser? user) => user is null ? this : this with
    {
        Device = Device is { } device ? device with { User = user.Metadata.Name, UserId = user.Spec.ExternalId } : null,
        SuspendedUser = UserRestrictions.IsSuspended(user) ? user.Metadata.Name : null,
        Restrictions = UserRestrictions.Restrict(Restrictions, user),
    };

    /// <summary>What is restarted once a new password is in the Secret; in the namespace of the device.</summary>
    public ImmutableArray<RolloutTarget> RestartTargets { get; init; } = [];

    public required string SecretName { get; init; }

    public required string SecretType { get; init; }

    public required ImmutableSortedDictionary<string, string> SecretLabels { get; init; }

    public required ImmutableSortedDictionary<string, string> SecretAnnotations { get; init; }

    /// <summary>Keys of the Secret beside the operator's own, and what they are to hold.</summary>
    public ImmutableSortedDictionary<string, SecretTemplate> SecretData { get; init; } = ImmutableSortedDictionary<string, SecretTemplate>.Empty;

    /// <summary>Endpoints that the backend serves and the device may use; the first one gives <c>host</c> and <c>port</c>.</summary>
    public required ImmutableArray<ClientEndpoint> Endpoints { get; init; }
}
