using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailBackends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Verification;

namespace MailOperator.MailDevices;

/// <summary>
/// Gathers the facts about a device, each only if the ones before allow it: a device without a grant causes no call
/// to a backend at all.
/// </summary>
internal sealed class MailDeviceObserver(
    DeviceIdentifier identifier,
    DeviceResolver resolver,
    DeviceSecretObserver secrets,
    DeviceBackends backends,
    DeviceGrants grants,
    LoginCheckFinder logins)
{
    /// <param name="device">The device, from the informer's store.</param>
    /// <param name="written">The Secret as this pass has just written it, if it has.</param>
    /// <param name="mustBeLive">Whether the Secret must be read now even if its version is known.</param>
    /// <param name="cancellationToken">Ends the observation.</param>
    public async Task<MailDeviceSnapshot> ObserveAsync(
        MailDevice device, SecretState? written, bool mustBeLive, CancellationToken cancellationToken)
    {
        MailDeviceSnapshot snapshot = identifier.Identify(device);
        if (snapshot.IsDeleting ? snapshot.IsPaused || !snapshot.HasFinalizer : snapshot.IsNamespaceGoing)
        {
            return snapshot;
        }

        if (snapshot.IsDeleting)
        {
            return snapshot with { ObsoleteSecrets = secrets.ObsoleteOf(device, exceptName: null), LoginCheck = logins.ForDeleted(device) };
        }

        snapshot = resolver.Resolve(device, snapshot, out IMailBackend? backend);
        if (snapshot.IsGrantRevoked)
        {
            return snapshot with { ObsoleteSecrets = secrets.ObsoleteOf(device, exceptName: null) };
        }

        if (snapshot.IsPaused || snapshot.Problem is not null)
        {
            if (!snapshot.HasFinalizer && snapshot.BackendName is { } name)
            {
                grants.Yield(device, name);
            }

            return backend is null || !snapshot.HasFinalizer ? snapshot : await ObserveFrozenAsync(device, snapshot, backend, cancellationToken);
        }

        if (!snapshot.HasFinalizer && resolver.NoRoom(device, snapshot) is { } full)
        {
            return snapshot with { NoRoom = full };
        }

        // Asked before there is a finalizer too: a device whose backend never answered can be deleted like any object.
        IReadOnlyList<Slot> slots = await backend!.ListAsync(backends.OwnerOf(device), cancellationToken);
        if (!snapshot.HasFinalizer)
        {
            return snapshot;
        }

        (SecretState secret, bool isLive) = await secrets.ObserveAsync(device, snapshot.Desired!, slots, written, mustBeLive, cancellationToken);
        bool hasCredential = slots.Count > 0 || secret is SecretState.Owned { IsGenuine: true };
        if (hasCredential)
        {
            grants.Admit(device, snapshot.BackendName!);
        }

        return snapshot with
        {
            NoRoom = hasCredential ? null : resolver.NoRoom(device, snapshot), // whoever may write the device may write a finalizer too
            Slots = [.. slots.Where(static slot => slot.End is null)],
            EndedSlots = [.. slots.Where(static slot => slot.End is not null)],
            LastUse = LastUseReport.Latest(snapshot.LastUse, slots),
            Secret = secret,
            Source = await secrets.SourceAsync(device, snapshot.Desired!, secret, cancellationToken),
            IsSecretLive = isLive,
            ObsoleteSecrets = secrets.ObsoleteOf(device, snapshot.Desired!.Secret.Name),
        };
    }

    /// <summary>What can be said of a device whose backend did not answer.</summary>
    public MailDeviceSnapshot Unobserved(MailDevice device)
    {
        MailDeviceSnapshot snapshot = identifier.Identify(device);
        return snapshot.IsDeleting ? snapshot : resolver.Resolve(device, snapshot, out _);
    }

    /// <summary>
    /// A pause, a refused spec and a grant that was withdrawn change nothing, and keep nothing alive beyond its time. A
    /// device without a grant has its backend asked only if a Secret that is the operator's work proves that it had one.
    /// </summary>
    private async Task<MailDeviceSnapshot> ObserveFrozenAsync(
        MailDevice device, MailDeviceSnapshot snapshot, IMailBackend backend, CancellationToken cancellationToken)
    {
        var secret = await secrets.ReadAsync(device, cancellationToken) as SecretState.Owned;
        if (snapshot.Problem?.Reason == Reasons.NotAllowed && secret is not { IsGenuine: true })
        {
            return snapshot;
        }

        try
        {
            IReadOnlyList<Slot> slots = await backend.ListAsync(backends.OwnerOf(device), cancellationToken);
            return snapshot with
            {
                IsSecretLive = true,
                EndedSlots = [.. slots.Where(static slot => slot.End is not null)],
                Frozen = new FrozenCredential(
                    secret is { IsDeleting: false } ? new ObsoleteSecret(secret.Name, secret.Uid) : null,
                    secret is { IsGenuine: true } ? secret.Credential.Retiring : [],
                    [.. slots.Where(static slot => slot.End is null)]),
            };
        }
        catch (MailBackendException e) when (e.Failure != BackendFailure.Busy)
        {
            return snapshot with { IsFrozenUnknown = true }; // what it stands still for is the better news
        }
    }
}
