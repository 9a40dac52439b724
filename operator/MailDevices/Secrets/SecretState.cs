namespace MailOperator.MailDevices.Secrets;

/// <summary>The Secret of a device as observed. Holds no password.</summary>
internal abstract record SecretState
{
    private SecretState()
    {
    }

    /// <summary>No Secret has that name.</summary>
    public sealed record Absent : SecretState;

    /// <summary>A Secret that does not belong to this device.</summary>
    /// <param name="Owner">Its owner, for people.</param>
    public sealed record Foreign(string Owner) : SecretState
    {
        /// <summary>
        /// What this operator recorded in it for the device before somebody changed its owner; null if it did not.
        /// </summary>
        public CredentialRecord? Record { get; init; }
    }

    /// <summary>The device's own Secret, by the UID in its owner reference.</summary>
    public sealed record Owned : SecretState
    {
        public required string Name { get; init; }

        public required string Uid { get; init; }

        public required string ResourceVersion { get; init; }

        public required CredentialRecord Credential { get; init; }

        /// <summary>Whether the operator wrote the password and its record.</summary>
        public required bool IsGenuine { get; init; }

        /// <summary>Whether everything else is as desired: settings, labels, keys.</summary>
        public required bool MatchesDesired { get; init; }

        /// <summary>What the operator once wrote and is no longer desired.</summary>
        public ObsoleteEntries ObsoleteEntries { get; init; } = ObsoleteEntries.None;

        /// <summary>Whether it cannot be patched, because it has another type or is immutable.</summary>
        public bool MustBeReplaced { get; init; }

        /// <summary>Whether its owner reference must be written again, as after a restore from a backup.</summary>
        public bool LacksOwner { get; init; }

        public bool IsDeleting { get; init; }
    }
}
