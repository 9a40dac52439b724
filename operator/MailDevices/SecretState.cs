using System.Collections.Immutable;

namespace MailOperator.MailDevices;

/// <summary>The Secret of a device as it was found. Holds no password.</summary>
internal abstract record SecretState
{
    private SecretState()
    {
    }

    /// <summary>Nothing of that name.</summary>
    public sealed record Absent : SecretState;

    /// <summary>There is one, and it is not this device's.</summary>
    /// <param name="Owner">Whose it is, for the person who must sort it out.</param>
    public sealed record Foreign(string Owner) : SecretState;

    /// <summary>This device's own, by the UID in its owner reference.</summary>
    public sealed record Owned : SecretState
    {
        public required string Name { get; init; }

        public required string Uid { get; init; }

        public required string ResourceVersion { get; init; }

        public required CredentialRecord Credential { get; init; }

        /// <summary>False if password or bookkeeping are not what the operator wrote.</summary>
        public required bool IsGenuine { get; init; }

        /// <summary>False if anything else in it is not as wanted: settings, labels, a key that was removed.</summary>
        public required bool MatchesDesired { get; init; }

        /// <summary>What the operator put there once and is no longer wanted.</summary>
        public ObsoleteEntries ObsoleteEntries { get; init; } = ObsoleteEntries.None;

        /// <summary>It cannot be changed in place: its type is another, or it was made immutable.</summary>
        public bool MustBeReplaced { get; init; }

        public bool IsDeleting { get; init; }
    }
}

/// <summary>Names of what a Secret has from an earlier spec.</summary>
internal sealed record ObsoleteEntries(ImmutableArray<string> Labels, ImmutableArray<string> Annotations, ImmutableArray<string> Keys)
{
    public static readonly ObsoleteEntries None = new([], [], []);

    public bool Equals(ObsoleteEntries? other) =>
        other is not null && Labels.SequenceEqual(other.Labels) && Annotations.SequenceEqual(other.Annotations) && Keys.SequenceEqual(other.Keys);

    public override int GetHashCode() => HashCode.Combine(Labels.Length, Annotations.Length, Keys.Length);
}

/// <summary>What a Secret's annotations say of the password in it.</summary>
internal sealed record CredentialRecord
{
    /// <summary>How many passwords the device has had.</summary>
    public required int Epoch { get; init; }

    public required string Selector { get; init; }

    /// <summary>When the Secret was written with it; whole seconds, UTC.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>The rotate token that it answers; "" if there was none.</summary>
    public string HandledRotation { get; init; } = "";

    public string HandledRotateAndRevoke { get; init; } = "";

    /// <summary>It follows another, and what runs with that one was not restarted yet.</summary>
    public bool IsRestartOwed { get; init; }

    /// <summary>Of a chosen password the digest that <see cref="CredentialDigest.OfChosen"/> gives; "" for a generated one.</summary>
    public string Source { get; init; } = "";

    public bool IsChosen => Source.Length > 0;

    /// <summary>Of a password that the mail system made the <see cref="DesiredCredential.Shape"/> that it was made for; else "".</summary>
    public string Shape { get; init; } = "";

    /// <summary>The claim by which a person took the password, so that the Secret holds only its hash; "" for any other.</summary>
    public string Claim { get; init; } = "";

    public bool IsHeld => Claim.Length > 0;

    /// <summary>Earlier credentials and when each ends.</summary>
    public ImmutableArray<RetiringCredential> Retiring { get; init; } = [];

    /// <summary>Earlier passwords that a login is to be tried with once they have ended; only where verification is asked for.</summary>
    public ImmutableArray<SealedPassword> ToBeRefused { get; init; } = [];
}

/// <summary>A password that is not handed out any more, kept until the mail server was seen to refuse it.</summary>
/// <param name="Id">Its selector.</param>
/// <param name="EndsAt">When it ends, or ended; whole seconds, UTC.</param>
/// <param name="Box">What <see cref="PasswordSeal"/> made of it.</param>
internal sealed record SealedPassword(string Id, DateTimeOffset EndsAt, string Box);

/// <summary>A credential that is no longer handed out and still works until <see cref="At"/>.</summary>
/// <param name="Id">Its selector.</param>
/// <param name="At">When it ends; whole seconds, UTC.</param>
internal sealed record RetiringCredential(string Id, DateTimeOffset At);
