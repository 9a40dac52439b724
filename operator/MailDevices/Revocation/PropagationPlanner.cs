using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailServers;

namespace MailOperator.MailDevices.Revocation;

/// <summary>
/// Flushes auth caches and ends sessions after a revocation. Waits until every server refuses the password; otherwise a
/// client could reconnect in between. Pure.
/// </summary>
internal static class PropagationPlanner
{
    /// <summary>
    /// Replaces the plan's removals by refusals if mail servers must be told, and adds what earlier refusals still
    /// need.
    /// </summary>
    public static MailDevicePlan Complete(MailDevicePlan plan, MailDeviceSnapshot device, DateTimeOffset now) =>
        CompleteSuspension(CompleteEnds(RefuseFirst(plan, device, now), device, now), device, now);

    private static MailDevicePlan RefuseFirst(MailDevicePlan plan, MailDeviceSnapshot device, DateTimeOffset now)
    {
        if (device.PropagationDelay is not { } delay
            || !plan.Changes.Any(static change => change is Change.RemoveSlots))
        {
            return plan;
        }

        ImmutableArray<Change> changes =
        [
            .. plan.Changes.Select(change =>
                change is Change.RemoveSlots remove ? Refuse(remove, device, now) : change),
        ];
        return Pending(plan with { Changes = changes }, delay);
    }

    private static Change.RefuseSlots Refuse(
        Change.RemoveSlots remove, MailDeviceSnapshot device, DateTimeOffset now) => new(
    [
        .. device.Slots.Concat(device.Frozen?.Slots ?? []).Where(slot => remove.Selectors.Contains(slot.Selector))
            .Select(slot => Refused(slot, new SlotEnd(Kubernetes.Rfc3339.WholeSeconds(now), remove.EndsSessions))),
    ]);

    /// <summary>The slot as the backend keeps it until the mail servers are told: refused, with its end.</summary>
    public static Slot Refused(Slot slot, SlotEnd end) => slot with
    {
        End = end,
        Restrictions = slot.Restrictions with { IsSuspended = true },
    };

    private static MailDevicePlan CompleteEnds(MailDevicePlan plan, MailDeviceSnapshot device, DateTimeOffset now)
    {
        if (device.EndedSlots.IsEmpty)
        {
            return plan;
        }

        TimeSpan Left(Slot slot) =>
            device.PropagationDelay is { } delay ? Propagation.Left(slot.End!.At, delay, now) : TimeSpan.Zero;
        ILookup<bool, Slot> slots = device.EndedSlots.ToLookup(slot => Left(slot) <= TimeSpan.Zero);
        MailDevicePlan next = plan with
        {
            Changes = [.. plan.Changes, .. slots[true].Any() ? Finish([.. slots[true]], device) : []],
        };
        return slots[false].Any() ? Pending(next, slots[false].Min(Left)) : next;
    }

    private static IEnumerable<Change> Finish(Slot[] slots, MailDeviceSnapshot device)
    {
        if (device.PropagationDelay is not null)
        {
            yield return new Change.TellMailServers(
                [.. slots.Select(static slot => slot.Mailbox).Distinct(StringComparer.Ordinal)],
                slots.Any(static slot => slot.End!.EndsSessions));
        }

        yield return new Change.RemoveSlots([.. slots.Select(static slot => slot.Selector)]);
    }

    /// <summary>
    /// A suspended slot is not removed, so the status records whether the mail servers have been told.
    /// </summary>
    private static MailDevicePlan CompleteSuspension(MailDevicePlan plan, MailDeviceSnapshot device, DateTimeOffset now)
    {
        if (plan.Verdict.Reason is not (Reasons.Suspended or Reasons.UserSuspended)
            || device.PropagationDelay is not { } delay || device.IsSuspensionComplete)
        {
            return plan;
        }

        TimeSpan left = Propagation.Left(device.SuspensionPendingSince ?? now, delay, now);
        return left > TimeSpan.Zero
            ? Pending(plan, left)
            : plan with
            {
                Changes = plan.Changes.Add(
                    new Change.TellMailServers([device.Desired!.Access.Mailbox], EndsSessions: true)
                    {
                        CompletesSuspension = true,
                    }),
            };
    }

    private static MailDevicePlan Pending(MailDevicePlan plan, TimeSpan left) => plan with
    {
        RecheckAfter = plan.RecheckAfter < left ? plan.RecheckAfter : left,
        Verdict = plan.Verdict with
        {
            PendingRevocation = "A password has ended; mail servers will be told to flush it from their caches "
                + "as soon as all of them must refuse it",
        },
    };
}
