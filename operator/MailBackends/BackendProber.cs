using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailServers;
using MailOperator.Reporting;

namespace MailOperator.MailBackends;

/// <summary>
/// Looks at a MailBackend and at what its mail system holds: whether it can be used, which devices lack slots there,
/// and which slots lack a device.
/// </summary>
internal sealed class BackendProber(
    ObjectStore<MailDevice> devices,
    BackendRegistry registry,
    UnownedCollector collector,
    VanishedLister vanished,
    QuotaLedger quotas,
    IMailServers servers,
    WorkQueue<ObjectKey> deviceQueue,
    OperatorIdentity identity)
{
    private readonly LoginWatch _logins = new(registry, deviceQueue);

    /// <summary>
    /// Lists the slots as soon as the driver can be used: orphans end, whatever else is wrong with the MailBackend.
    /// </summary>
    /// <param name="backend">The MailBackend.</param>
    /// <param name="users">The devices that use it.</param>
    /// <param name="cancellationToken">Ends the probe.</param>
    /// <exception cref="MailBackendException">It takes no more requests at the moment.</exception>
    public async Task<BackendProbe> ProbeAsync(
        MailBackend backend, List<MailDevice> users, CancellationToken cancellationToken)
    {
        string? invalid = BackendValidator.Validate(backend, registry) is { Count: > 0 } problems
            ? string.Join("; ", problems)
            : null;
        if (!BackendValidator.CanEnd(backend, registry))
        {
            return new BackendProbe(NotReady(Reasons.InvalidSpec, invalid!), BackendCapabilities.None);
        }

        IMailBackend target = registry.Get(backend);
        BackendProbe probe;
        try
        {
            probe = await ListAsync(backend, users, target, cancellationToken);
        }
        catch (MailBackendException e) when (e.Failure != BackendFailure.Busy)
        {
            probe = new BackendProbe(
                NotReady(e.IsSecretIncomplete ? Reasons.InvalidSpec : FailureReasons.ReasonOf(e.Failure), e.Message),
                target.Capabilities);
        }

        try
        {
            invalid ??= await servers.SecretProblemAsync(backend.Spec, cancellationToken);
        }
        catch (MailBackendException e)
        {
            return probe.Ready.IsTrue()
                ? probe with { Ready = NotReady(FailureReasons.ReasonOf(e.Failure), e.Message) }
                : probe;
        }

        return invalid is null ? probe : probe with
        {
            Ready = NotReady(
                Reasons.InvalidSpec, probe.Ready.IsTrue() ? invalid : $"{invalid}; {probe.Ready.Message}"),
        };
    }

    private async Task<BackendProbe> ListAsync(
        MailBackend backend, List<MailDevice> users, IMailBackend target, CancellationToken cancellationToken)
    {
        string name = backend.Metadata.Name;
        long mark = quotas.Mark();
        HashSet<string> living = Living();
        IReadOnlyList<Slot> slots = await target.ListAllAsync(identity.Instance, cancellationToken);
        IReadOnlyList<UnownedPlace> unasked = [];
        string message = "The mail system answers";
        if (target.Capabilities.HasFlag(BackendCapabilities.List))
        {
            RequeueDevicesWithMissingSlots(slots, users);
            string? problem = await _logins.ReadAsync(backend, slots, users, cancellationToken);
            message = "The credential store can be read" + (problem is null ? "" : $"; {problem}");
        }
        else
        {
            (slots, unasked) = await vanished.ListAsync(backend, quotas.VanishedFrom(name), cancellationToken);
        }

        // A device that has just been deleted may still be in the listing, and a new one not yet in the cache.
        living.UnionWith(Living());
        quotas.Settle(name, mark, [.. PlacesOf(slots, living), .. unasked]);
        UnownedPlan unowned = await collector.CollectAsync(backend, slots, living, cancellationToken);
        quotas.Settle(name, mark, [.. unowned.Places, .. unasked]);
        return new BackendProbe(
            unowned.Ending.Problem is { } pending
                ? NotReady(Reasons.RevocationBlocked, pending)
                : await WriteProblemAsync(target, cancellationToken) ?? Ready(Reasons.BackendReady, message),
            target.Capabilities,
            unowned);
    }

    // A store that only answers is no use: new passwords cannot be stored, nor ended.
    private static async Task<Condition?> WriteProblemAsync(IMailBackend target, CancellationToken cancellationToken)
    {
        try
        {
            await target.CheckWritableAsync(cancellationToken);
            return null;
        }
        catch (MailBackendException e) when (e.Failure != BackendFailure.Busy)
        {
            return NotReady(FailureReasons.ReasonOf(e.Failure), e.Message);
        }
    }

    private static IEnumerable<UnownedPlace> PlacesOf(IReadOnlyList<Slot> slots, HashSet<string> living) =>
        slots.Where(slot => !living.Contains(slot.Owner.DeviceUid)).Select(static slot => UnownedSlot.Of(slot).Place);

    /// <summary>Call this when the MailBackend is gone.</summary>
    public void Forget(string backend)
    {
        collector.Forget(backend);
        quotas.Forget(backend);
    }

    // The devices of all backends, because several MailBackends may share one store.
    private HashSet<string> Living() => [.. devices.All.Select(static device => device.PasswordUid)];

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
                && credentials.Any(credential => !present.Contains((device.PasswordUid, credential.Id))))
            {
                deviceQueue.Add(device.Key, QueueLane.Resync);
            }
        }
    }

    private static Condition Ready(string reason, string message) =>
        Conditions.True(ConditionTypes.Ready, reason, message);

    private static Condition NotReady(string reason, string message) =>
        Conditions.False(ConditionTypes.Ready, reason, message);
}
