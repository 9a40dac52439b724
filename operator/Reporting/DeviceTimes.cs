using MailOperator.Api;

namespace MailOperator.Reporting;

/// <summary>The times of all devices that people want to know; null where no device has one.</summary>
/// <param name="OldestIssue">When the oldest current password was issued.</param>
/// <param name="NextRotation">The next rotation; in the past if it is overdue.</param>
/// <param name="NextExpiry">The next expiry that is to come.</param>
internal readonly record struct DeviceTimes(
    DateTimeOffset? OldestIssue, DateTimeOffset? NextRotation, DateTimeOffset? NextExpiry)
{
    public static DeviceTimes Of(IEnumerable<MailDevice> devices, DateTimeOffset now)
    {
        DeviceTimes times = default;
        foreach (MailDevice device in devices)
        {
            if (device.Status is { } status)
            {
                times = new DeviceTimes(
                    Earlier(times.OldestIssue, status.IssuedAt),
                    Earlier(times.NextRotation, status.NextRotationTime),
                    Earlier(times.NextExpiry, status.ExpiresAt > now ? status.ExpiresAt : null));
            }
        }

        return times;
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null || other < one ? other ?? one : one;
}
