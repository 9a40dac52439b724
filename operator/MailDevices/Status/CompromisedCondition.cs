using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Planning;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Status;

/// <summary>The condition Compromised: what the mail system itself says is wrong with the use of a password. There only while it says so.</summary>
internal static class CompromisedCondition
{
    public static Condition? Of(IReadOnlyList<Condition> previous, MailDeviceSnapshot observed, MailBackendException? failure)
    {
        Slot[] alarmed = [.. observed.Slots.Concat(observed.Frozen?.Slots ?? []).Where(static slot => slot.Alarm is not null)];
        return alarmed.FirstOrDefault(static slot => slot.Alarm == SlotAlarm.Leaked) is { } leaked ? Conditions.True(
                ConditionTypes.Compromised,
                Reasons.PasswordLeaked,
                $"The mail system says that password {leaked.Selector} was leaked; end it with the annotation {Annotations.RotateAndRevoke}")
            : alarmed.FirstOrDefault() is { } spam ? Conditions.True(
                ConditionTypes.Compromised,
                Reasons.SendsSpam,
                $"The mail system says that spam was sent with password {spam.Selector}; see to what uses it, and end it with the annotation {Annotations.RotateAndRevoke}")
            : failure is not null || observed.Desired is null ? StatusConditions.Find(previous, ConditionTypes.Compromised) // it was not asked, or not everything
            : null;
    }
}
