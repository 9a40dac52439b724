using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Planning;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Status;

/// <summary>
/// Builds the condition Compromised: the mail system reports the misuse of a password. It exists only while it does.
/// </summary>
internal static class CompromisedCondition
{
    public static Condition? Of(
        IReadOnlyList<Condition> previous, MailDeviceSnapshot observed, MailBackendException? failure)
    {
        Slot[] alarmed = [.. observed.Slots.Where(static slot => slot.Alarm is not null)];
        return alarmed.FirstOrDefault(static slot => slot.Alarm == SlotAlarm.Leaked) is { } leaked
                ? Conditions.True(
                    ConditionTypes.Compromised,
                    Reasons.PasswordLeaked,
                    $"The mail system reports that password {leaked.Selector} leaked; "
                    + $"revoke it with the annotation {Annotations.RotateAndRevoke}")
            : alarmed.FirstOrDefault() is { } spam
                ? Conditions.True(
                    ConditionTypes.Compromised,
                    Reasons.SendsSpam,
                    $"The mail system reports spam sent with password {spam.Selector}; "
                    + $"check what uses it, and revoke it with the annotation {Annotations.RotateAndRevoke}")
            : failure is not null || observed.Desired is null
                ? StatusConditions.Find(previous, ConditionTypes.Compromised) // not all slots were listed
            : null;
    }
}
