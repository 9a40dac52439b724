using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Spec;

namespace MailOperator.MailDevices.Secrets;

/// <summary>
/// Observes a device's Secret. Reads it only if its version differs from the one that was checked last.
/// </summary>
internal sealed class DeviceSecretObserver(
    ObjectStore<SecretMetadata> watched, DeviceSecrets secrets, SecretMemory memory, SecretProofs proofs)
{
    /// <summary>The Secret, and whether it was read from the API server in this pass.</summary>
    /// <param name="device">Its device.</param>
    /// <param name="desired">The desired credential.</param>
    /// <param name="slots">The device's slots at the backend.</param>
    /// <param name="known">What this pass knows of it.</param>
    /// <param name="mustBeLive">Whether to read it even if its version is known.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<(SecretState Secret, bool IsLive)> ObserveAsync(
        MailDevice device,
        DesiredCredential desired,
        IReadOnlyList<Slot> slots,
        KnownInPass known,
        bool mustBeLive,
        CancellationToken cancellationToken)
    {
        SecretState? certain = known.Written
            ?? (MayBeTakenForAbsent(device, desired, known) ? new SecretState.Absent() : null);
        SecretState? recalled = certain ?? (mustBeLive ? null : Recall(device, desired));
        SecretState secret = recalled ?? await secrets.ObserveAsync(device, desired, slots, cancellationToken);
        memory.Remember(device.Metadata.Uid, secret, desired);
        return (secret, recalled is null || certain is not null);
    }

    /// <inheritdoc cref="DeviceSecrets.ReadAsync(MailDevice, CancellationToken)"/>
    public Task<SecretState> ReadAsync(MailDevice device, CancellationToken cancellationToken) =>
        secrets.ReadAsync(device, cancellationToken);

    /// <summary>The source of the chosen password as it is now; null if the password is not chosen.</summary>
    public async Task<SourceState?> SourceAsync(
        MailDevice device, SecretState secret, CancellationToken cancellationToken) =>
        device.Spec.Password?.ValueFrom?.SecretKeyRef is { } source && ChosenPasswordResolver.Invalid(device) is null
            ? await secrets.Chosen.ObserveAsync(device, source, secret, cancellationToken)
            : null;

    /// <summary>Secrets of the device with other names than this one.</summary>
    public ImmutableArray<ObsoleteSecret> ObsoleteOf(MailDevice device, string? exceptName) =>
        [.. SecretIndex.NamesOf(watched, device)
            .Where(secret => secret.Metadata.Name != exceptName && !secret.IsDeleting)
            .Select(static secret => new ObsoleteSecret(secret.Metadata.Name, secret.Metadata.Uid))];

    /// <summary>Whether the cache shows no Secret under the device's name for it.</summary>
    public bool IsGone(MailDevice device) => watched.Find(
        new ObjectKey(device.Metadata.NamespaceProperty, MailDeviceResolver.SecretName(device))) is null or
        { IsDeleting: true };

    // The Secret is made with a creation, which fails if there is one after all, and the slot is taken back then.
    private bool MayBeTakenForAbsent(MailDevice device, DesiredCredential desired, KnownInPass known) =>
        known.IsDeviceNew
        && watched.Find(new ObjectKey(device.Metadata.NamespaceProperty, desired.Secret.Name)) is null;

    private SecretState.Owned? Recall(MailDevice device, DesiredCredential desired)
    {
        SecretMetadata? seen = watched.Find(new ObjectKey(device.Metadata.NamespaceProperty, desired.Secret.Name));
        return seen is null
            ? null
            : memory.Recall(device.Metadata.Uid, seen.Metadata.ResourceVersion, desired)
                ?? proofs.CheckedBefore(device, seen, desired);
    }
}
