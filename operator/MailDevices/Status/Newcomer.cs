using MailOperator.Api;
using MailOperator.MailDevices.Planning;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Status;

/// <summary>
/// What a new device lacks may be created at the same time: files are applied in any order. For a while it is reported
/// as in progress, without a Warning event. Pure.
/// </summary>
internal static class Newcomer
{
    /// <summary>How long after its creation a device waits for what it names.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private static readonly string Note =
        $" (it may still come; this is a problem from {Durations.Format(Grace)} after the creation on)";

    /// <summary>The verdict as it is reported now.</summary>
    public static DeviceVerdict Judge(MailDeviceSnapshot device, DeviceVerdict verdict, DateTimeOffset now) =>
        verdict.Ready != ReadyStatus.True && Left(device, verdict.Reason, now) is not null
            ? verdict with { IsStalled = false, Message = verdict.Message + Note }
            : verdict;

    /// <summary>How much longer a device waits before this reason is a problem; null if it is one.</summary>
    public static TimeSpan? Left(MailDeviceSnapshot device, string reason, DateTimeOffset now) =>
        reason is Reasons.UserNotFound or Reasons.BackendUnavailable or Reasons.BackendUnauthorized
            or Reasons.PasswordSourceMissing
        && device is { IsDeleting: false, Slots.IsEmpty: true, CreatedAt: { } created }
        && created + Grace - now is { } left && left > TimeSpan.Zero && left <= Grace
            ? left
            : null;

    /// <summary>Whether the device is not ready for want of something that may still come.</summary>
    public static bool IsWaiting(
        MailDeviceSnapshot device, IReadOnlyList<Condition> conditions, DateTimeOffset now) =>
        StatusConditions.Find(conditions, ConditionTypes.Ready) is { } ready
        && !ready.IsTrue()
        && Left(device, ready.Reason, now) is not null;
}
