using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailDevices;
using MailOperator.Usage;

namespace MailOperator.MailBackends;

/// <summary>
/// Looks after a MailBackend: whether it can be used and reached, how many devices use it, that it is not deleted
/// while they do, and that it still holds what they were issued.
/// </summary>
internal sealed class MailBackendReconciler(
    ObjectStore<MailBackend> backends,
    ObjectStore<MailDevice> devices,
    BackendRegistry registry,
    WorkQueue<ObjectKey> deviceQueue,
    DeletionHold hold,
    ReadyReporter reporter,
    OperatorIdentity identity) : IReconciler
{
    /// <summary>How often a backend is asked whether it still answers and still holds every credential.</summary>
    public static readonly TimeSpan ProbeInterval = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan BusyDelay = TimeSpan.FromSeconds(5);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (backends.Find(key) is not { } backend)
        {
            registry.Remove(key.Name);
            return ReconcileResult.Done;
        }

        List<MailDevice> users = [.. devices.All.Where(device => IsUser(device, backend))];
        if (backend.IsDeleting)
        {
            return await RetireAsync(backend, users, cancellationToken);
        }

        await hold.PlaceAsync(backend, cancellationToken);
        try
        {
            (Condition ready, BackendCapabilities capabilities) = await ProbeAsync(backend, users, cancellationToken);
            await PublishAsync(backend, ready, capabilities, users.Count, cancellationToken);
            return ReconcileResult.After(ProbeInterval);
        }
        catch (MailBackendException e) when (e.Failure == BackendFailure.Busy)
        {
            return ReconcileResult.After(BusyDelay);
        }
    }

    private async Task<ReconcileResult> RetireAsync(MailBackend backend, List<MailDevice> users, CancellationToken cancellationToken)
    {
        if (users.Count == 0)
        {
            await hold.LiftAsync(backend, cancellationToken);
            return ReconcileResult.Done;
        }

        await PublishAsync(
            backend,
            Ready("False", Reasons.BackendInUse, DeletionHold.Explain(users)),
            registry.Validate(backend.Spec).Count == 0 ? registry.Get(backend).Capabilities : BackendCapabilities.None,
            users.Count,
            cancellationToken);
        return ReconcileResult.After(ProbeInterval);
    }

    private async Task<(Condition Ready, BackendCapabilities Capabilities)> ProbeAsync(
        MailBackend backend, List<MailDevice> users, CancellationToken cancellationToken)
    {
        if (backend.DecodeError is { } error)
        {
            return (Ready("False", Reasons.InvalidSpec, $"The object does not fit its schema: {error}"), BackendCapabilities.None);
        }

        if (registry.Validate(backend.Spec) is { Count: > 0 } problems)
        {
            return (Ready("False", Reasons.InvalidSpec, string.Join("; ", problems)), BackendCapabilities.None);
        }

        IMailBackend target = registry.Get(backend);
        try
        {
            LookAgainWhereSlotsAreMissing(await target.ListAllAsync(identity.Instance, cancellationToken), users);
            return (Ready("True", Reasons.BackendReady, "The credential store can be read"), target.Capabilities);
        }
        catch (MailBackendException e) when (e.Failure != BackendFailure.Busy)
        {
            string reason = e.Failure == BackendFailure.Unauthorized ? Reasons.BackendUnauthorized : Reasons.BackendUnavailable;
            return (Ready("False", reason, e.Message), target.Capabilities);
        }
    }

    /// <summary>A backend put back from an old copy has lost slots: their devices put them back, with no new password.</summary>
    private void LookAgainWhereSlotsAreMissing(IReadOnlyList<Slot> slots, List<MailDevice> users)
    {
        HashSet<(string, string)> held = [.. slots.Where(static slot => slot.IsIntact).Select(static slot => (slot.Owner.DeviceUid, slot.Selector))];
        foreach (MailDevice device in users)
        {
            if (device.Status?.Credentials is { } credentials && credentials.Any(credential => !held.Contains((device.Metadata.Uid, credential.Id))))
            {
                deviceQueue.Add(device.Key, QueueLane.Resync);
            }
        }
    }

    private Task PublishAsync(
        MailBackend backend, Condition ready, BackendCapabilities capabilities, int users, CancellationToken cancellationToken) =>
        reporter.PublishAsync(
            backend,
            backend.Status,
            backend.Status?.Conditions,
            ready,
            conditions => new MailBackendStatus
            {
                ObservedGeneration = backend.Metadata.Generation,
                Capabilities = [.. Enum.GetValues<BackendCapabilities>().Where(one => one != BackendCapabilities.None && capabilities.HasFlag(one)).Select(static one => one.ToString())],
                Devices = users,
                Conditions = conditions,
            },
            cancellationToken);

    private bool IsUser(MailDevice device, MailBackend backend) =>
        BackendSelection.NameFor(device, backends) == backend.Metadata.Name
        && (!backend.IsDeleting || (device.Metadata.Finalizers?.Contains(Finalizers.Revocation) ?? false));

    private static Condition Ready(string status, string reason, string message) =>
        new() { Type = ConditionTypes.Ready, Status = status, Reason = reason, Message = message };
}
