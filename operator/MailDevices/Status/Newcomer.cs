using MailOperator.Api;
using MailOperator.MailDevices.Planning;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Status;

/// <summary>A new device without a password, which may lack what is created at the same time. Pure.</summary>
internal static class Newcomer
{
    /// <summary>The verdict as it is reported now.</summary>
    public static DeviceVerdict Judge(MailDeviceSnapshot device, DeviceVerdict verdict, DateTimeOffset now) =>
        verdict.Ready != ReadyStatus.True && Left(device, verdict.Reason, now) is not null
            ? verdict with { IsStalled = false, Message = verdict.Message + ApplyGrace.Note }
            : verdict;

    /// <summary>How much longer a device waits before this reason is a problem; null if it is one.</summary>
    public static TimeSpan? Left(MailDeviceSnapshot device, string reason, DateTimeOffset now) =>
        device is { IsDeleting: false, Slots.IsEmpty: true } ? ApplyGrace.Left(device.CreatedAt, reason, now) : null;

    /// <summary>Whether the device is not ready for want of something that may still come.</summary>
    public static bool IsWaiting(
        MailDeviceSnapshot device, IReadOnlyList<Condition> conditions, DateTimeOffset now) =>
        StatusConditions.Find(conditions, ConditionTypes.Ready) is { } ready
        && !ready.IsTrue()
        && Left(device, ready.Reason, now) is not null;
}
