using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Integrity;
using MailOperator.MailDevices.Spec;
using MailOperator.Passwords;

namespace MailOperator.MailDevices.Secrets;

/// <summary>
/// Judges a Secret that was read: whose it is, whether its bookkeeping can be believed, and what is missing in it.
/// </summary>
internal sealed class DeviceSecretJudge(
    CredentialDigestSource digests, PasswordHasher hasher, TimeProvider clock)
{
    /// <param name="device">The device that it may belong to.</param>
    /// <param name="desired">What it should hold; null if that is not known.</param>
    /// <param name="reading">The Secret.</param>
    /// <param name="slots">What the backend holds of the device.</param>
    /// <param name="cancellationToken">Ends the hashing.</param>
    public async Task<SecretState> JudgeAsync(
        MailDevice device,
        DesiredCredential? desired,
        DeviceSecretReading reading,
        IReadOnlyList<Slot> slots,
        CancellationToken cancellationToken)
    {
        CredentialDigest digest = digests.Current;
        CredentialRecord record = reading.Record;
        string expected = digest.Compute(device.PasswordUid, record, reading.Payload.Bytes);
        bool isGenuine = !reading.IsContradictory
            && CredentialDigest.AreEqual(reading.Digest, expected)
            && !IsPutBack(device, record);
        if (!isGenuine && SecretIdentity.Parse(reading.Identity) is { } written && written.Uid != device.PasswordUid
            && written.IsProven(device, digest))
        {
            // Written for this name under another UID: the cache may not show yet that the device goes on under it.
            return new SecretState.Foreign(OwnerOf(device, reading));
        }

        bool lacksOwner = !reading.IsOwnedBy(device.Metadata.Uid);
        if (lacksOwner && !reading.HasNoOwnerBut(device.Metadata.Name, device.PasswordUid))
        {
            return new SecretState.Foreign(OwnerOf(device, reading)) { Record = isGenuine ? record : null };
        }

        if (!isGenuine && !reading.IsContradictory && desired is not null
            && (digest.MayBeOfKeyBefore(reading.Digest, clock.GetUtcNow()) || IsAdopted(device))
            && await AcceptedAsync(reading, record, slots, cancellationToken) is { } accepted
            && !IsKnownToRetire(device, record))
        {
            isGenuine = true;
            record = Bounded(device, record, accepted, desired.Lifetime.Overlap) with
            {
                Origin = OriginOf(device, record, accepted, reading.Payload),
            };
        }

        // Without any owner it was restored from a backup, or somebody removed it: only the digest says whose it is.
        if (lacksOwner && !isGenuine)
        {
            return new SecretState.Foreign(OwnerOf(device, reading));
        }

        return new SecretState.Owned
        {
            Name = reading.Metadata.Name,
            Uid = reading.Metadata.Uid,
            ResourceVersion = reading.Metadata.ResourceVersion,
            Credential = record,
            IsGenuine = isGenuine,
            ObsoleteEntries = desired is null ? ObsoleteEntries.None : reading.ObsoleteEntriesOf(desired.Secret),
            MatchesDesired = desired is null
                || (!lacksOwner && reading.Matches(desired.Secret, expected, SecretIdentity.Of(device, digest))),
            LacksOwner = lacksOwner,
            MustBeReplaced = desired is not null && (reading.IsImmutable || reading.Type != desired.Secret.Type),
            IsDeleting = reading.Metadata.DeletionTimestamp is not null,
        };
    }

    /// <inheritdoc cref="DeviceSecrets.HoldsAsync"/>
    public async Task<bool> HoldsAsync(
        DeviceSecretReading reading, string? uid, IReadOnlyList<Slot> slots, CancellationToken cancellationToken)
    {
        CredentialRecord record = reading.Record;
        return uid is null
            ? await AcceptedAsync(reading, record, slots, cancellationToken) is not null
            : !reading.IsContradictory
                && slots.Any(slot => slot.Selector == record.Selector)
                && CredentialDigest.AreEqual(
                    reading.Digest, digests.Current.Compute(uid, record, reading.Payload.Bytes));
    }

    // Taken over by the annotation, so another key than ours signed it. Its bookkeeping counts for little then.
    private static bool IsAdopted(MailDevice device) =>
        device.Status?.AdoptedUid is not null && device.Annotation(Annotations.Adopt) == "true";

    private string OwnerOf(MailDevice device, DeviceSecretReading reading) =>
        reading.Owner ?? SecretIdentity.Parse(reading.Identity) switch
        {
            null => "was not made by this operator",
            { } written when written.IsProven(device, digests.Current) =>
                "holds the password of an earlier MailDevice of this name, which the mail system no longer accepts for "
                + "this mailbox",
            _ => "was made for another MailDevice or with another digest key; to take it over the MailDevice needs the "
                + $"annotation {Annotations.Adopt}: \"true\", and the mail system must accept its password",
        };

    // If the digest key was regenerated, verify the password against the backend's hash instead.
    private async Task<Slot?> AcceptedAsync(
        DeviceSecretReading reading,
        CredentialRecord record,
        IReadOnlyList<Slot> slots,
        CancellationToken cancellationToken) =>
        reading.Digest.Length > 0
        && reading.Payload.Bytes.Length is >= AppPassword.MinLength and <= AppPassword.MaxLength
        && slots.FirstOrDefault(slot => slot.Selector == record.Selector) is { } slot
        && await reading.Payload.Match(
            password => hasher.VerifyAsync(password, slot.Hash, cancellationToken),
            hash => Task.FromResult(hash == slot.Hash))
            ? slot
            : null;

    // The digest of a chosen password was made with the lost key too: make it again.
    private PasswordOrigin OriginOf(MailDevice device, CredentialRecord record, Slot accepted, SecretPayload payload)
    {
        PasswordOrigin GeneratedOrChosen() =>
            accepted.IsChosen && payload is SecretPayload.Password { Value: var password }
                ? new PasswordOrigin.Chosen(
                    digests.Current.OfChosen(device.PasswordUid, record.Selector, password.Bytes))
                : new PasswordOrigin.Generated();
        return record.Origin.Match(
            generated: _ => GeneratedOrChosen(),
            chosen: _ => GeneratedOrChosen(),
            claimed: one => one with { IsTyped = accepted.IsChosen },
            madeByBackend: static one => one);
    }

    // The Secret of an earlier password, restored from a backup or kept by somebody: that password has ended.
    private static bool IsPutBack(MailDevice device, CredentialRecord record) => record.Epoch < device.Status?.Epoch;

    private static bool IsKnownToRetire(MailDevice device, CredentialRecord record) =>
        Reported(device, record.Selector) is { State: CredentialState.Retiring };

    private static CredentialStatus? Reported(MailDevice device, string selector) =>
        device.Status?.Credentials?.FirstOrDefault(one => one.Id == selector);

    // The backend's hash proves only the password. Whoever may write the Secret can fake the digest of a lost key, so
    // the record must not prolong any password, and the status says which tokens were handled.
    private static CredentialRecord Bounded(
        MailDevice device, CredentialRecord record, Slot current, TimeSpan overlap)
    {
        DateTimeOffset latest = current.IssuedAt + overlap;
        return record with
        {
            Epoch = Math.Max(record.Epoch, device.Status?.Epoch ?? 0),
            IssuedAt = current.IssuedAt,
            HandledRotation = device.Status?.LastHandledRotation ?? "",
            HandledRotateAndRevoke = device.Status?.LastHandledRotateAndRevoke ?? "",
            IsRestartOwed = false,
            ToBeRefused = [],
            Retiring =
            [
                .. record.Retiring.DistinctBy(static retiring => retiring.Selector).Select(retiring => retiring with
                {
                    At = new[] { retiring.At, latest, Reported(device, retiring.Selector)?.RetireAt }
                        .Min()!.Value,
                }),
            ],
        };
    }
}
