using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Spec;

namespace MailOperator.MailDevices.Secrets;

/// <summary>Finds out how a device's Secret is: remembered as long as its version is the one that was judged, else read.</summary>
internal sealed class DeviceSecretObserver(ObjectStore<SecretMetadata> watched, DeviceSecrets secrets, SecretMemory memory)
{
    /// <summary>The Secret, and whether what is said of it was read from the API server in this pass.</summary>
    /// <param name="device">Whose it is.</param>
    /// <param name="desired">What it should hold.</param>
    /// <param name="slots">What the backend holds of the device.</param>
    /// <param name="written">The Secret as this pass has just written it, if it has.</param>
    /// <param name="mustBeLive">Whether it must be read even if its version is known.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<(SecretState Secret, bool IsLive)> ObserveAsync(
        MailDevice device,
        DesiredCredential desired,
        IReadOnlyList<Slot> slots,
        SecretState? written,
        bool mustBeLive,
        CancellationToken cancellationToken)
    {
        SecretState? known = written ?? (mustBeLive ? null : Recall(device, desired));
        SecretState secret = known ?? await secrets.ObserveAsync(device, desired, slots, cancellationToken);
        memory.Remember(device.Metadata.Uid, secret, desired);
        return (secret, known is null || written is not null);
    }

    /// <inheritdoc cref="DeviceSecrets.ReadAsync(MailDevice, CancellationToken)"/>
    public Task<SecretState> ReadAsync(MailDevice device, CancellationToken cancellationToken) =>
        secrets.ReadAsync(device, cancellationToken);

    /// <summary>Where the chosen password comes from, as it is now; null for one that nobody chose.</summary>
    public async Task<SourceState?> SourceAsync(
        MailDevice device, DesiredCredential desired, SecretState secret, CancellationToken cancellationToken) =>
        desired.Source is { } source ? await secrets.Chosen.ObserveAsync(device, source, secret, cancellationToken) : null;

    /// <summary>Secrets of the device under other names than this one.</summary>
    public ImmutableArray<ObsoleteSecret> ObsoleteOf(MailDevice device, string? exceptName) =>
        [.. SecretIndex.NamesOf(watched, device)
            .Where(secret => secret.Metadata.Name != exceptName && !secret.IsDeleting)
            .Select(static secret => new ObsoleteSecret(secret.Metadata.Name, secret.Metadata.Uid))];

    private SecretState.Owned? Recall(MailDevice device, DesiredCredential desired)
    {
        SecretMetadata? seen = watched.Find(new ObjectKey(device.Metadata.NamespaceProperty, desired.Secret.Name));
        return memory.Recall(device.Metadata.Uid, seen?.Metadata.ResourceVersion, desired);
    }
}
