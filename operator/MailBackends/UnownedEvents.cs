using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.MailBackends;

/// <summary>Writes the events and the audit trail of passwords that have ended although their device is gone.</summary>
internal sealed class UnownedEvents(EventRecorder events, AuditTrail audit)
{
    private const int MaxNamed = 5;

    /// <param name="backend">The MailBackend.</param>
    /// <param name="plan">What was to end, and why.</param>
    /// <param name="ending">What has been done.</param>
    public void Tell(MailBackend backend, UnownedPlan plan, SlotEnding ending)
    {
        if (ending.Removed.Where(static slot => !slot.IsRetained).ToArray() is { Length: > 0 } removed)
        {
            events.Warning(
                ApiGroup.MailBackends, backend, Reasons.OrphansRemoved,
                $"{removed.Length} credentials whose MailDevice is gone have ended: {Name(removed)}");
            Audit(backend, removed, AuditTrigger.Orphan, Reasons.OrphansRemoved);
        }

        // Refused is when it ends; the removal of its slot is no news.
        HashSet<string> ended = [.. ending.Refused.Concat(ending.Removed).Select(OrphanPlanner.KeyOf)];
        foreach (IGrouping<RetainedEnd, UnownedSlot> of in plan.Retained.ToEnd
            .Where(one => one.Why != RetainedEnd.Begun && ended.Contains(OrphanPlanner.KeyOf(one.Retained.Slot)))
            .GroupBy(static one => one.Why, static one => one.Retained))
        {
            Slot[] slots = [.. of.Select(static one => one.Slot)];
            events.Normal(
                ApiGroup.MailBackends, backend, Reasons.RetainedEnded,
                $"{slots.Length} retained credentials have ended, because {WhyOf(of.Key)}: {Name(slots)}");
            Audit(backend, slots, TriggerOf(of.Key), Reasons.RetainedEnded);
        }
    }

    private void Audit(MailBackend backend, Slot[] slots, string trigger, string reason)
    {
        foreach (Slot slot in slots)
        {
            var of = UnownedSlot.Of(slot);
            bool isNamed = of.Device.Length > 0;
            audit.Write(new AuditEntry(
                AuditAction.Ended,
                trigger,
                isNamed ? ApiGroup.MailDevices.Kind : ApiGroup.MailBackends.Kind,
                isNamed ? new ObjectKey(of.Namespace, of.Device) : backend.Key,
                slot.Owner.DeviceUid)
            {
                Backend = backend.Metadata.Name,
                Mailbox = slot.Mailbox,
                Credential = slot.Selector,
                Reason = reason,
            });
        }
    }

    private static string TriggerOf(RetainedEnd why) => why switch
    {
        RetainedEnd.Expired => AuditTrigger.Expiry,
        RetainedEnd.Withdrawn => AuditTrigger.Grant,
        _ => AuditTrigger.Token,
    };

    private static string WhyOf(RetainedEnd why) => why switch
    {
        RetainedEnd.Expired => "they are older than spec.expiry.maximum",
        RetainedEnd.Withdrawn => "no grant with retention: Allowed matches them any more",
        _ => $"the annotation {Annotations.EndRetained} asks for it",
    };

    private static string Name(Slot[] slots)
    {
        string named = string.Join(", ", slots.Take(MaxNamed).Select(static slot =>
            $"{slot.Mailbox} {slot.Selector} ({slot.Restrictions.DeviceName})"));
        return slots.Length > MaxNamed ? $"{named} and more" : named;
    }
}
