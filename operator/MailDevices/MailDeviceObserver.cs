using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailBackends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Verification;

namespace MailOperator.MailDevices;

/// <summary>
/// Gathers the facts about a device, step by step, and stops where the facts so far forbid the next step. For example,
/// a device that never had a grant causes no call to a backend.
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
    /// <param name="written">The Secret as this pass has just written it; null if it has not.</param>
    /// <param name="mustBeLive">Whether to read the Secret now, even if this version of it is remembered.</param>
    /// <param name="cancellationToken">Cancels the observation.</param>
    /// <exception cref="MailBackendException">The backend could not be read.</exception>
    public async Task<MailDeviceSnapshot> ObserveAsync(
        MailDevice device, SecretState? written, bool mustBeLive, CancellationToken cancellationToken)
    {
        MailDeviceSnapshot snapshot = identifier.Identify(device);
        if (snapshot.IsDeleting ? snapshot.IsPaused || !snapshot.HasFinalizer : snapshot.IsNamespaceTerminating)
        {
            return snapshot;
        }

        if (snapshot.IsDeleting)
        {
            return snapshot with
            {
                ObsoleteSecrets = secrets.ObsoleteOf(device, exceptName: null),
                LoginCheck = logins.ForDeleted(device),
            };
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

            return backend is null || !snapshot.HasFinalizer
                ? snapshot
                : await ObserveFrozenAsync(device, snapshot, backend, cancellationToken);
        }

        if (!snapshot.HasFinalizer && resolver.QuotaProblem(device, snapshot) is { } quotaProblem)
        {
            return snapshot with { QuotaProblem = quotaProblem };
        }

        return await ObserveCredentialAsync(device, snapshot, backend!, written, mustBeLive, cancellationToken);
    }

    private async Task<MailDeviceSnapshot> ObserveCredentialAsync(
        MailDevice device,
        MailDeviceSnapshot snapshot,
        IMailBackend backend,
        SecretState? written,
        bool mustBeLive,
        CancellationToken cancellationToken)
    {
        // Comes before the finalizer is added: a device whose backend never answered can then be deleted without it.
        IReadOnlyList<Slot> slots = await backend.ListAsync(backends.OwnerOf(device), cancellationToken);
        if (!snapshot.HasFinalizer)
        {
            return snapshot;
        }

        (SecretState secret, bool isLive) = await secrets.ObserveAsync(
            device, snapshot.Desired!, slots, written, mustBeLive, cancellationToken);
        bool hasCredential = slots.Count > 0 || secret is SecretState.Owned { IsGenuine: true };
        if (hasCredential)
        {
            grants.Admit(device, snapshot.BackendName!);
        }

        return snapshot with
        {
            // Checked with a finalizer too, because whoever may write the device may add the finalizer.
            QuotaProblem = hasCredential ? null : resolver.QuotaProblem(device, snapshot),
            Slots = [.. slots.Where(static slot => slot.End is null)],
            EndedSlots = [.. slots.Where(static slot => slot.End is not null)],
            LastUse = LastUseReport.Latest(snapshot.LastUse, slots),
            Secret = secret,
            Source = await secrets.SourceAsync(device, snapshot.Desired!, secret, cancellationToken),
            IsSecretLive = isLive,
            ObsoleteSecrets = secrets.ObsoleteOf(device, snapshot.Desired!.Secret.Name),
        };
    }

    /// <summary>The facts about a device whose backend did not answer.</summary>
    public MailDeviceSnapshot Unobserved(MailDevice device)
    {
        MailDeviceSnapshot snapshot = identifier.Identify(device);
        return snapshot.IsDeleting ? snapshot : resolver.Resolve(device, snapshot, out _);
    }

    /// <summary>
    /// A pause, an invalid spec or a withdrawn grant changes nothing, but ends that are due still apply. Without a
    /// grant the backend is asked only if a genuine Secret proves that the device had a grant before.
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
            return snapshot with { IsFrozenUnknown = true }; // why the device is frozen matters more than this failure
        }
    }
}
