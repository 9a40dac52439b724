using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;

namespace MailOperator.MailBackends;

/// <summary>
/// Ends passwords of this operator whose device does not exist: orphans after their grace, and retained ones that may
/// stay no longer. Ignores slots of others. Lists the devices from the API server before it ends anything.
/// </summary>
internal sealed class UnownedCollector(
    ObjectStore<MailBackend> backends,
    BackendRegistry registry,
    DeviceGrants grants,
    DeviceLister lister,
    OrphanMemory orphans,
    SlotEnder ender,
    UnownedEvents events,
    TimeProvider clock)
{
    /// <param name="backend">The MailBackend.</param>
    /// <param name="slots">All slots of this instance there.</param>
    /// <param name="living">UIDs of the devices in the cache.</param>
    /// <param name="cancellationToken">Ends the run; the next one continues.</param>
    /// <exception cref="MailBackendException">It takes no more requests at the moment.</exception>
    public async Task<UnownedPlan> CollectAsync(
        MailBackend backend,
        IReadOnlyList<Slot> slots,
        IReadOnlySet<string> living,
        CancellationToken cancellationToken)
    {
        UnownedPlan plan = Plan(backend, slots, living);
        if (plan.ToEnd.Count == 0)
        {
            return plan;
        }

        var livingNow = new HashSet<string>(
            [.. living, .. await lister.UidsAsync(cancellationToken)], StringComparer.Ordinal);
        plan = Plan(backend, slots, livingNow);
        SlotEnding ending = await ender.EndAsync(
            backend, mailbox => registry.Get(backend, mailbox), plan.ToEnd, cancellationToken);
        events.Tell(backend, plan, ending);
        return Plan(backend, Left(slots, ending), livingNow) with { Ending = ending };
    }

    /// <summary>Call this when the MailBackend is gone.</summary>
    public void Forget(string backend) => orphans.Forget(backend);

    private UnownedPlan Plan(MailBackend backend, IReadOnlyList<Slot> slots, IReadOnlySet<string> living)
    {
        // Several MailBackends may share a store, and a slot does not tell which of them its device used.
        MailBackend[] sharing =
            [.. backends.All.Where(other => registry.IsSameStore(backend.Spec, other.Spec)).Append(backend)];
        var rules = new RetainedRules(
            BackendExpiry.Maximum(backend),
            retained => backend.Spec.GrantWithdrawn == GrantWithdrawal.Revoke
                && sharing.All(one => grants.IsRetentionDenied(retained.Namespace, retained.Slot.Mailbox, one)),
            backend.Annotation(Annotations.EndRetained));
        return new UnownedPlan(
            orphans.Plan(backend, slots, living, orphan =>
                backend.Spec.GrantWithdrawn == GrantWithdrawal.Revoke
                && sharing.All(one => grants.IsUngranted(orphan.Namespace, orphan.Slot.Mailbox, one))),
            RetainedPlanner.Plan(slots, living, rules, clock.GetUtcNow()),
            SlotEnding.Nothing);
    }

    private static Slot[] Left(IReadOnlyList<Slot> slots, SlotEnding ending)
    {
        HashSet<string> removed = [.. ending.Removed.Select(OrphanPlanner.KeyOf)];
        var refused = ending.Refused.ToDictionary(OrphanPlanner.KeyOf, StringComparer.Ordinal);
        return
        [
            .. slots.Where(slot => !removed.Contains(OrphanPlanner.KeyOf(slot)))
                .Select(slot => refused.GetValueOrDefault(OrphanPlanner.KeyOf(slot), slot)),
        ];
    }
}
