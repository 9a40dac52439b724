using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.MailBackends;

/// <summary>
/// Reconciles a MailBackend: reports whether it can be used and reached, counts its devices, keeps it from being
/// deleted while they use it, and requeues devices whose slots it has lost.
/// </summary>
internal sealed class MailBackendReconciler(
    ObjectStore<MailBackend> backends,
    ObjectStore<MailDevice> devices,
    BackendRegistry registry,
    OrphanCollector collector,
    WorkQueue<ObjectKey> deviceQueue,
    InUseFinalizer finalizer,
    ReadyReporter reporter,
    OperatorIdentity identity) : IReconciler
{
    /// <summary>How often a backend is listed, to see that it answers and has every credential.</summary>
    public static readonly TimeSpan ProbeInterval = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan BusyDelay = TimeSpan.FromSeconds(5);

    private readonly LoginWatch _logins = new(registry, deviceQueue);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (backends.Find(key) is not { } backend)
        {
            registry.Remove(key.Name);
            collector.Forget(key.Name);
            reporter.Forget(key);
            return ReconcileResult.Done;
        }

        List<MailDevice> users =
            [.. devices.DevicesThatMayUse(backend.Metadata.Name).Where(device => IsUser(device, backend))];
        if (backend.IsDeleting)
        {
            return await RetireAsync(backend, users, cancellationToken);
        }

        await finalizer.AddAsync(backend, cancellationToken);
        try
        {
            Probe probe = await ProbeAsync(backend, users, cancellationToken);
            await PublishAsync(backend, probe, users.Count, cancellationToken);
            return ReconcileResult.After(probe.Ready.Reason == Reasons.BackendNotEligible
                ? FailureReasons.NotEligibleRecheck
                : NextProbe(probe.Orphans));
        }
        catch (MailBackendException e) when (e.Failure == BackendFailure.Busy)
        {
            return ReconcileResult.After(BusyDelay);
        }
    }

    private async Task<ReconcileResult> RetireAsync(
        MailBackend backend, List<MailDevice> users, CancellationToken cancellationToken)
    {
        if (users.Count == 0)
        {
            await finalizer.RemoveAsync(backend, cancellationToken);
            return ReconcileResult.Done;
        }

        await PublishAsync(
            backend,
            new Probe(
                NotReady(Reasons.BackendInUse, InUseFinalizer.Explain(users)),
                BackendValidator.IsUsable(backend, registry)
                    ? registry.Get(backend).Capabilities
                    : BackendCapabilities.None),
            users.Count,
            cancellationToken);
        return ReconcileResult.After(ProbeInterval);
    }

    private async Task<Probe> ProbeAsync(
        MailBackend backend, List<MailDevice> users, CancellationToken cancellationToken)
    {
        if (backend.DecodeError is { } error)
        {
            return Invalid($"The object does not fit its schema: {error}");
        }

        if (Problems(backend) is { Count: > 0 } problems)
        {
            return Invalid(string.Join("; ", problems));
        }

        IMailBackend target = registry.Get(backend);
        try
        {
            IReadOnlyList<Slot> slots = await target.ListAllAsync(identity.Instance, cancellationToken);
            if (!target.Capabilities.HasFlag(BackendCapabilities.List))
            {
                return new Probe(Ready(Reasons.BackendReady, "The mail system answers"), target.Capabilities);
            }

            RequeueDevicesWithMissingSlots(slots, users);
            string? problem = await _logins.ReadAsync(backend, slots, users, cancellationToken);
            OrphanPlan orphans = await collector.CollectAsync(backend, slots, Living(), target, cancellationToken);
            string message = "The credential store can be read" + (problem is null ? "" : $"; {problem}");
            return new Probe(Ready(Reasons.BackendReady, message), target.Capabilities, orphans);
        }
        catch (MailBackendException e) when (e.Failure != BackendFailure.Busy)
        {
            return new Probe(NotReady(FailureReasons.ReasonOf(e.Failure), e.Message), target.Capabilities);
        }
    }

    private IReadOnlyList<string> Problems(MailBackend backend) =>
    [
        .. BackendValidator.Validate(backend, registry),
        .. backend.Spec.Orphans?.Grace is { } grace && Durations.Parse(grace) is null
            ? [$"spec.orphans.grace '{grace}' is not a duration such as 24h"]
            : Array.Empty<string>(),
    ];

    // The devices of all backends, because several MailBackends may share one store.
    private HashSet<string> Living() => [.. devices.All.Select(static device => device.Metadata.Uid)];

    private static TimeSpan NextProbe(OrphanPlan? orphans) =>
        orphans?.DueIn is { } wait && wait < ProbeInterval ? wait : ProbeInterval;

    /// <summary>
    /// A backend restored from a backup lacks slots. Their devices add them again, without a new password.
    /// </summary>
    private void RequeueDevicesWithMissingSlots(IReadOnlyList<Slot> slots, List<MailDevice> users)
    {
        HashSet<(string, string)> present =
            [.. slots.Where(static slot => slot.IsIntact).Select(static slot => (slot.Owner.DeviceUid, slot.Selector))];
        foreach (MailDevice device in users)
        {
            if (device.Status?.Credentials is { } credentials
                && credentials.Any(credential => !present.Contains((device.Metadata.Uid, credential.Id))))
            {
                deviceQueue.Add(device.Key, QueueLane.Resync);
            }
        }
    }

    private Task PublishAsync(MailBackend backend, Probe probe, int users, CancellationToken cancellationToken) =>
        reporter.PublishAsync(
            backend,
            backend.Status,
            backend.Status?.Conditions,
            probe.Ready,
            OrphanReport.BlockedCondition(backend.Status, probe.Orphans),
            conditions => new MailBackendStatus
            {
                ObservedGeneration = backend.Metadata.Generation,
                Capabilities =
                [
                    .. Enum.GetValues<BackendCapabilities>()
                        .Where(one => one != BackendCapabilities.None && probe.Capabilities.HasFlag(one))
                        .Select(static one => one.ToString()),
                ],
                Devices = users,
                OrphanSlots = OrphanReport.Count(backend.Status, probe.Orphans),
                Orphans = OrphanReport.Named(backend.Status, probe.Orphans),
                Conditions = conditions,
            },
            cancellationToken);

    private bool IsUser(MailDevice device, MailBackend backend) =>
        BackendSelection.NameFor(device, backends) == backend.Metadata.Name
        && (!backend.IsDeleting || (device.Metadata.Finalizers?.Contains(Finalizers.Revocation) ?? false));

    private static Probe Invalid(string message) =>
        new(NotReady(Reasons.InvalidSpec, message), BackendCapabilities.None);

    private static Condition Ready(string reason, string message) =>
        Conditions.True(ConditionTypes.Ready, reason, message);

    private static Condition NotReady(string reason, string message) =>
        Conditions.False(ConditionTypes.Ready, reason, message);

    /// <summary>The result of probing a backend; no orphans if its slots could not be listed.</summary>
    private sealed record Probe(Condition Ready, BackendCapabilities Capabilities, OrphanPlan? Orphans = null);
}
