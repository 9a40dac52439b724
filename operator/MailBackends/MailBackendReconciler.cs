using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.MailBackends;

/// <summary>
/// Reconciles a MailBackend: reports whether it can be used and reached, counts its devices, and keeps it from being
/// deleted while they use it.
/// </summary>
internal sealed class MailBackendReconciler(
    ObjectStore<MailBackend> backends,
    ObjectStore<MailDevice> devices,
    BackendRegistry registry,
    BackendProber prober,
    InUseFinalizer finalizer,
    ReadyReporter reporter,
    SlotMetrics metrics,
    ListingPace pace) : IReconciler
{
    /// <summary>How often a backend is listed, to see that it answers and has every credential.</summary>
    public static readonly TimeSpan ProbeInterval = TimeSpan.FromMinutes(1);

    /// <summary>How often one that does not answer is asked: somebody may be mending it, and waits.</summary>
    public static readonly TimeSpan UnavailableInterval = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan BusyDelay = TimeSpan.FromSeconds(5);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (backends.Find(key) is not { } backend)
        {
            registry.Remove(key.Name);
            prober.Forget(key.Name);
            metrics.Forget(key.Name);
            pace.Forget(key.Name);
            reporter.Forget(key);
            return ReconcileResult.Done;
        }

        List<MailDevice> users =
            [.. devices.DevicesThatMayUse(backend.Metadata.Name).Where(device => IsUser(device, backend))];
        if (backend.IsDeleting && users.Count == 0)
        {
            await finalizer.RemoveAsync(backend, cancellationToken);
            return ReconcileResult.Done;
        }

        if (!backend.IsDeleting)
        {
            await finalizer.AddAsync(backend, cancellationToken);
        }

        try
        {
            // One that is deleted is probed too: what has no device still ends in time while devices hold it up.
            BackendProbe probe = await pace.MeasureAsync(
                key.Name, () => prober.ProbeAsync(backend, users, cancellationToken));
            if (backend.IsDeleting)
            {
                probe = probe with { Ready = InUse(users) };
            }

            if (probe.Unowned is { } unowned)
            {
                metrics.Listed(key.Name, unowned);
            }

            await PublishAsync(backend, probe, users.Count, cancellationToken);
            return ReconcileResult.After(probe.Ready.Reason == Reasons.BackendNotEligible
                ? FailureReasons.NotEligibleRecheck
                : NextProbe(probe));
        }
        catch (MailBackendException e) when (e.Failure == BackendFailure.Busy)
        {
            if (backend.IsDeleting)
            {
                await PublishAsync(
                    backend,
                    new BackendProbe(InUse(users), registry.Get(backend).Capabilities),
                    users.Count,
                    cancellationToken);
            }

            return ReconcileResult.After(BusyDelay);
        }
    }

    private static Condition InUse(List<MailDevice> users) =>
        Conditions.False(
            ConditionTypes.Ready,
            Reasons.BackendInUse,
            $"{InUseFinalizer.Explain(users, "delete these first")}. Until then it works. If it was deleted by "
            + $"mistake, remove its finalizer {Finalizers.InUse} and apply it again under the same name: no password "
            + "ends");

    private static TimeSpan NextProbe(BackendProbe probe)
    {
        TimeSpan next = probe.Ready.Reason == Reasons.BackendUnavailable ? UnavailableInterval : ProbeInterval;
        return probe.Unowned?.DueIn is { } wait && wait < next ? wait : next;
    }

    private Task PublishAsync(
        MailBackend backend, BackendProbe probe, int users, CancellationToken cancellationToken) =>
        reporter.PublishAsync(
            backend,
            backend.Status,
            backend.Status?.Conditions,
            probe.Ready,
            [
                .. OrphanReport.Conditions(backend.Status, probe.Unowned?.Orphans),
                .. PendingCondition(backend.Status, probe.Unowned),
                .. DefaultBackends.Problems(backend, backends),
            ],
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
                OrphanSlots = OrphanReport.Count(backend.Status, probe.Unowned?.Orphans),
                Orphans = OrphanReport.Named(backend.Status, probe.Unowned?.Orphans),
                RetainedSlots = RetainedReport.Count(backend.Status, probe.Unowned?.Retained),
                Retained = RetainedReport.Named(backend.Status, probe.Unowned?.Retained),
                Conditions = conditions,
            },
            cancellationToken);

    /// <summary>RevocationPending, while a password without a device could not be ended.</summary>
    private static IEnumerable<Condition> PendingCondition(MailBackendStatus? before, UnownedPlan? plan) => plan switch
    {
        null => (before?.Conditions ?? []).Where(static one => one.Type == ConditionTypes.RevocationPending),
        { Ending.Problem: { } problem } =>
            [Conditions.True(ConditionTypes.RevocationPending, Reasons.RevocationBlocked, problem)],
        _ => [],
    };

    private bool IsUser(MailDevice device, MailBackend backend) =>
        BackendSelection.NameFor(device, backends) == backend.Metadata.Name
        && (!backend.IsDeleting || device.HasFinalizer);
}
