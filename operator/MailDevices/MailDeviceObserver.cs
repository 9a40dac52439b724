using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailBackends;
using MailOperator.MailDevices.Credentials;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Verification;

namespace MailOperator.MailDevices;

/// <summary>
/// Gathers the facts about a device, step by step. It lists the device's slots wherever they may be, whatever is wrong
/// with the device, and stops only where it cannot have any: a device that never had a grant causes no call to a
/// backend.
/// </summary>
internal sealed class MailDeviceObserver(
    DeviceIdentifier identifier,
    DeviceResolver resolver,
    DeviceSecretObserver secrets,
    RestoredSecrets restored,
    SlotLister slots,
    UnconfirmedSlots unconfirmed,
    DeviceGrants grants,
    LoginCheckFinder logins)
{
    /// <param name="device">The device, from the informer's store.</param>
    /// <param name="known">What this pass knows of it.</param>
    /// <param name="mustBeLive">Whether to read the Secret now, even if this version of it is remembered.</param>
    /// <param name="cancellationToken">Cancels the observation.</param>
    /// <exception cref="MailBackendException">The device's backend could not be read.</exception>
    public async Task<MailDeviceSnapshot> ObserveAsync(
        MailDevice device, KnownInPass known, bool mustBeLive, CancellationToken cancellationToken)
    {
        MailDeviceSnapshot snapshot = resolver.Resolve(device, identifier.Identify(device), out IMailBackend? backend);
        if (snapshot is not ({ IsDeleting: true, HasFinalizer: false } or { IsAbandoned: true }) && backend is not null
            && await restored.FindAsync(device, backend, cancellationToken) is { } uid)
        {
            return snapshot with { RestoredUid = uid };
        }

        return snapshot switch
        {
            { IsDeleting: true, HasFinalizer: false } => snapshot,
            { IsDeleting: true } => await ObserveDeletedAsync(device, snapshot, cancellationToken),
            { IsPaused: true } or { IsNamespaceTerminating: true } or { Problem: not null } =>
                await ObserveHeldAsync(device, snapshot, backend, known.Written, cancellationToken),
            { MayHaveSlots: false } when resolver.QuotaProblem(device, snapshot) is { } problem =>
                snapshot with { QuotaProblem = problem },
            _ => await ObserveCredentialAsync(device, snapshot, backend!, known, mustBeLive, cancellationToken),
        };
    }

    /// <summary>The facts about a device whose backend did not answer.</summary>
    public MailDeviceSnapshot Unobserved(MailDevice device) =>
        resolver.Resolve(device, identifier.Identify(device), out _);

    /// <summary>Whether no Secret has the device's password any more, as far as the cache shows.</summary>
    public bool IsSecretGone(MailDevice device) => secrets.IsGone(device);

    private async Task<MailDeviceSnapshot> ObserveDeletedAsync(
        MailDevice device, MailDeviceSnapshot snapshot, CancellationToken cancellationToken) => snapshot with
        {
            IsSecretLive = true,
            // It says which overlaps are over, which matters only if some passwords go on.
            Secret = snapshot is { IsPaused: false, DeletionPolicy: DeletionPolicy.Revoke }
                ? null
                : await secrets.ReadAsync(device, cancellationToken),
            OtherPlaces = await slots.EverywhereAsync(device, cancellationToken),
            ObsoleteSecrets = secrets.ObsoleteOf(device, exceptName: null),
            LoginCheck = logins.ForDeleted(device),
        };

    /// <summary>
    /// Nothing is given to such a device, but everything that takes a right away still applies to it. Without a grant
    /// the backend is asked only if the status or a genuine Secret proves that the device had a grant before.
    /// </summary>
    private async Task<MailDeviceSnapshot> ObserveHeldAsync(
        MailDevice device,
        MailDeviceSnapshot snapshot,
        IMailBackend? backend,
        SecretState? written,
        CancellationToken cancellationToken)
    {
        if (!snapshot.MayHaveSlots && snapshot.BackendName is { } name)
        {
            grants.Yield(device, name);
        }

        if (!snapshot.MayHaveSlots || backend is null)
        {
            return snapshot;
        }

        SecretState secret = written ?? await secrets.ReadAsync(device, cancellationToken);
        if (snapshot.Problem?.Reason == Reasons.NotAllowed
            && device.Status is not ({ Credentials.Length: > 0 } or { AdoptedUid: not null })
            && secret is not SecretState.Owned { IsGenuine: true })
        {
            return snapshot;
        }

        snapshot = WithSlots(snapshot, await slots.OwnAsync(device, backend, cancellationToken)) with
        {
            Secret = secret,
            Unconfirmed = unconfirmed.LeftBy(device.Key, secret),
            IsSecretLive = true,
            Source = await secrets.SourceAsync(device, secret, cancellationToken),
            OtherPlaces = await slots.ElsewhereAsync(device, snapshot.BackendName!, cancellationToken),
        };
        return snapshot with
        {
            ObsoleteSecrets = secrets.ObsoleteOf(
                device, snapshot.IsGrantRevoked ? null : Spec.MailDeviceResolver.SecretName(device)),
        };
    }

    private async Task<MailDeviceSnapshot> ObserveCredentialAsync(
        MailDevice device,
        MailDeviceSnapshot snapshot,
        IMailBackend backend,
        KnownInPass known,
        bool mustBeLive,
        CancellationToken cancellationToken)
    {
        // Comes before the finalizer is added: a device whose backend never answered can then be deleted without it.
        IReadOnlyList<Slot> own = known.Slots ?? await slots.OwnAsync(device, backend, cancellationToken);
        snapshot = WithSlots(snapshot, own);
        if (!snapshot.HasFinalizer)
        {
            return snapshot;
        }

        (SecretState secret, bool isLive) = await secrets.ObserveAsync(
            device, snapshot.Desired!, own, known, mustBeLive, cancellationToken);
        bool hasCredential = own.Count > 0 || secret is SecretState.Owned { IsGenuine: true };
        if (hasCredential)
        {
            grants.Admit(device, snapshot.BackendName!);
        }

        return snapshot with
        {
            // Checked with a finalizer too, because whoever may write the device may add the finalizer.
            QuotaProblem = hasCredential ? null : resolver.QuotaProblem(device, snapshot),
            Secret = secret,
            Unconfirmed = unconfirmed.LeftBy(device.Key, secret),
            Source = await secrets.SourceAsync(device, secret, cancellationToken),
            IsSecretLive = isLive,
            ObsoleteSecrets = secrets.ObsoleteOf(device, snapshot.Desired!.Secret.Name),
        };
    }

    private static MailDeviceSnapshot WithSlots(MailDeviceSnapshot snapshot, IReadOnlyList<Slot> slots) =>
        snapshot with
        {
            Slots = [.. slots.Where(static slot => slot.End is null)],
            EndedSlots = [.. slots.Where(static slot => slot.End is not null)],
            AreSlotsKnown = true,
            LastUse = LastUseReport.Latest(snapshot.LastUse, slots),
        };
}
