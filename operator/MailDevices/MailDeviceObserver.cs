using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Claims;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailDevices.Verification;
using MailOperator.MailServers;
using MailOperator.MailUsers;
using MailOperator.Reporting;

namespace MailOperator.MailDevices;

/// <summary>
/// Gathers the facts about a device, each only if the ones before allow it: a device without a grant causes no call
/// to a backend at all.
/// </summary>
internal sealed class MailDeviceObserver(
    ObjectStore<MailBackend> backends,
    ObjectStore<MailUser> users,
    ObjectStore<MetadataObject> namespaces,
    ObjectStore<MetadataObject> secrets,
    BackendRegistry registry,
    DeviceSecrets deviceSecrets,
    SecretMemory memory,
    OperatorIdentity identity,
    DeviceGrants grants,
    ClaimedPasswords held,
    MailDeviceOptions options)
{
    /// <param name="device">The device, from the informer's store.</param>
    /// <param name="written">The Secret as this pass has just written it, if it has.</param>
    /// <param name="isLive">Whether the Secret must be read now even if its version is known.</param>
    /// <param name="cancellationToken">Ends the observation.</param>
    public async Task<MailDeviceSnapshot> ObserveAsync(
        MailDevice device, SecretState? written, bool isLive, CancellationToken cancellationToken)
    {
        MailDeviceSnapshot snapshot = Identify(device);
        if (snapshot.IsDeleting ? snapshot.IsPaused || !snapshot.HasFinalizer : snapshot.IsNamespaceGoing)
        {
            return snapshot;
        }

        if (snapshot.IsDeleting)
        {
            return snapshot with { ObsoleteSecrets = SecretsOf(device, exceptName: null), LoginCheck = DeletedLogin.Find(device, backends, users, registry) };
        }

        snapshot = Resolve(device, snapshot, out IMailBackend? backend);
        if (snapshot.IsGrantRevoked)
        {
            return snapshot with { ObsoleteSecrets = SecretsOf(device, exceptName: null) };
        }

        if (snapshot.IsPaused || snapshot.Problem is not null)
        {
            if (!snapshot.HasFinalizer && snapshot.BackendName is { } name)
            {
                grants.Yield(device, name);
            }

            return backend is null || !snapshot.HasFinalizer ? snapshot : await ObserveFrozenAsync(device, snapshot, backend, cancellationToken);
        }

        if (!snapshot.HasFinalizer && NoRoom(device, snapshot) is { } full)
        {
            return snapshot with { NoRoom = full };
        }

        // Asked before there is a finalizer too: a device whose backend never answered can be deleted like any object.
        IReadOnlyList<Slot> slots = await backend!.ListAsync(OwnerOf(device), cancellationToken);
        if (!snapshot.HasFinalizer)
        {
            return snapshot;
        }

        SecretState? remembered = written ?? (isLive ? null : Recall(device, snapshot.Desired!));
        SecretState secret = remembered ?? await deviceSecrets.ObserveAsync(device, snapshot.Desired!, slots, cancellationToken);
        memory.Remember(device.Metadata.Uid, secret, snapshot.Desired!);
        bool hasCredential = slots.Count > 0 || secret is SecretState.Owned { IsGenuine: true };
        if (hasCredential)
        {
            grants.Admit(device, snapshot.BackendName!);
        }

        return snapshot with
        {
            NoRoom = hasCredential ? null : NoRoom(device, snapshot), // whoever may write the device may write a finalizer too
            Slots = [.. slots.Where(static slot => slot.End is null)],
            EndedSlots = [.. slots.Where(static slot => slot.End is not null)],
            LastUse = LastUseReport.Latest(snapshot.LastUse, slots),
            Secret = secret,
            Source = snapshot.Desired!.Source is { } source
                ? await deviceSecrets.Chosen.ObserveAsync(device, source, secret, cancellationToken)
                : null,
            IsSecretLive = remembered is null || written is not null,
            ObsoleteSecrets = SecretsOf(device, snapshot.Desired.SecretName),
        };
    }

    /// <summary>What can be said of a device whose backend did not answer.</summary>
    public MailDeviceSnapshot Unobserved(MailDevice device)
    {
        MailDeviceSnapshot snapshot = Identify(device);
        return snapshot.IsDeleting ? snapshot : Resolve(device, snapshot, out _);
    }

    /// <summary>
    /// A pause, a refused spec and a grant that was withdrawn change nothing, and keep nothing alive beyond its time. A
    /// device without a grant has its backend asked only if a Secret that is the operator's work proves that it had one.
    /// </summary>
    private async Task<MailDeviceSnapshot> ObserveFrozenAsync(
        MailDevice device, MailDeviceSnapshot snapshot, IMailBackend backend, CancellationToken cancellationToken)
    {
        var secret = await deviceSecrets.ReadAsync(device, cancellationToken) as SecretState.Owned;
        if (snapshot.Problem?.Reason == Reasons.NotAllowed && secret is not { IsGenuine: true })
        {
            return snapshot;
        }

        try
        {
            IReadOnlyList<Slot> slots = await backend.ListAsync(OwnerOf(device), cancellationToken);
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

    private MailDeviceSnapshot Identify(MailDevice device)
    {
        bool isNamespaceGoing = namespaces.Find(new ObjectKey("", device.Metadata.NamespaceProperty))?.IsDeleting ?? false;
        return Suspension(device) with
        {
            IsDeleting = device.IsDeleting,
            DeletedAt = device.Metadata.DeletionTimestamp is { } deleted ? new DateTimeOffset(deleted.ToUniversalTime(), TimeSpan.Zero) : null,
            HasFinalizer = device.Metadata.Finalizers?.Contains(Finalizers.Revocation) ?? false,
            IsNamespaceGoing = isNamespaceGoing,
            // A namespace that goes takes all of its devices along: a pause would hold it for ever.
            IsPaused = device.Annotation(Annotations.Paused) == "true" && !(device.IsDeleting && isNamespaceGoing),
            DeletionPolicy = device.Spec.DeletionPolicy ?? DeletionPolicy.Revoke,
            AbandonToken = device.Annotation(Annotations.AbandonRevocation),
            RotateToken = device.Annotation(Annotations.Rotate) ?? "",
            RotateAndRevokeToken = device.Annotation(Annotations.RotateAndRevoke) ?? "",
            ReportedRotateAndRevoke = device.Status?.LastHandledRotateAndRevoke ?? "",
            ReportedCredentials = [.. (device.Status?.Credentials ?? []).Select(static credential => credential.Id)],
            UncommittedSlotGrace = options.UncommittedSlotGrace,
        };
    }

    private static MailDeviceSnapshot Suspension(MailDevice device)
    {
        Condition[] conditions = device.Status?.Conditions ?? [];
        bool isReported = StatusConditions.Find(conditions, ConditionTypes.Ready)?.Reason is Reasons.Suspended or Reasons.UserSuspended;
        Condition? pending = StatusConditions.Find(conditions, ConditionTypes.RevocationPending);
        return new MailDeviceSnapshot
        {
            Uid = device.Metadata.Uid,
            IsSuspensionComplete = isReported && pending is null,
            SuspensionPendingSince = isReported ? pending?.LastTransitionTime : null,
        };
    }

    private MailDeviceSnapshot Resolve(MailDevice device, MailDeviceSnapshot snapshot, out IMailBackend? backend)
    {
        backend = null;
        if (device.DecodeError is { } error)
        {
            return snapshot with { Problem = new SpecProblem(Reasons.InvalidSpec, $"The object does not fit its schema: {error}") };
        }

        if (!BackendSelection.TryFind(device, backends, registry, out MailBackend? found, out SpecProblem? unusable))
        {
            return snapshot with { Problem = unusable };
        }

        string name = found.Metadata.Name;
        backend = registry.Get(found, MailboxAddress.Normalize(device.Spec.Mailbox));
        snapshot = snapshot with
        {
            BackendName = name,
            LatestEnd = ExpiryResolver.LatestEnd(device, found),
            LastUse = registry.UsesOf(name)?.Find(device.Key.ToString()),
            PropagationDelay = IMailServers.AreTold(found.Spec) ? backend.PropagationDelay : null,
        };
        if (MailboxAddress.IsValid(device.Spec.Mailbox) && grants.NotAllowed(device, found) is { } notAllowed)
        {
            grants.Yield(device, name);
            return snapshot with { Problem = notAllowed, IsGrantRevoked = snapshot.HasFinalizer && grants.IsRevoked(device, found) };
        }

        BackendCapabilities capabilities = backend.Capabilities;
        if (!MailDeviceResolver.TryResolve(device, found, capabilities, out DesiredCredential? desired, out SpecProblem? problem))
        {
            return snapshot with { Problem = problem };
        }

        MailUser? user = UserReference.Of(device) is { } named ? users.Find(named) : null;
        if (UserRestrictions.Problem(device, user, desired.Restrictions, capabilities) is { } withUser)
        {
            return snapshot with { Problem = withUser };
        }

        ClaimedPassword? heldPassword = held.Of(device);
        if (ClaimedPasswords.Problem(device, heldPassword, capabilities) is { } ofHeld)
        {
            return snapshot with { Problem = ofHeld };
        }

        desired = desired.For(user);
        if (desired.IsIssued && backend is IPasswordIssuer issuing && issuing.Unsupported(desired.Restrictions, desired.Device!) is { } unsupported)
        {
            return snapshot with { Problem = new SpecProblem(Reasons.Unsupported, unsupported) };
        }

        return snapshot with { Desired = desired, Held = heldPassword, LoginCheck = LoginCheck.For(desired, found.Spec, backend, device.Status) };
    }

    private SlotOwner OwnerOf(MailDevice device) => new(identity.Instance, device.Metadata.Uid);

    private SpecProblem? NoRoom(MailDevice device, MailDeviceSnapshot snapshot) =>
        backends.Find(new ObjectKey("", snapshot.BackendName!)) is { } backend ? grants.NoRoom(device, backend) : null;

    private SecretState.Owned? Recall(MailDevice device, DesiredCredential desired)
    {
        MetadataObject? seen = secrets.Find(new ObjectKey(device.Metadata.NamespaceProperty, desired.SecretName));
        return memory.Recall(device.Metadata.Uid, seen?.Metadata.ResourceVersion, desired);
    }

    private ImmutableArray<ObsoleteSecret> SecretsOf(MailDevice device, string? exceptName) =>
        [.. SecretIndex.NamesOf(secrets, device)
            .Where(secret => secret.Metadata.Name != exceptName && !secret.IsDeleting)
            .Select(static secret => new ObsoleteSecret(secret.Metadata.Name, secret.Metadata.Uid))];
}
