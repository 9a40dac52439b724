namespace MailOperator.MailDevices.Secrets;


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
