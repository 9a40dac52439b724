namespace MailOperator.Kubernetes;

/// <summary>When time alone calls for the next reconcile.</summary>
internal static class RecheckTime
{
    /// <summary>How long until the first of these times; a second if it has come, null if there is none.</summary>
    public static TimeSpan? Until(IEnumerable<DateTimeOffset> times, DateTimeOffset now)
    {
        TimeSpan[] waits = [.. times.Select(time => time - now)];
        return waits.Length == 0 ? null : waits.Min() is { Ticks: > 0 } wait ? wait : TimeSpan.FromSeconds(1);
    }
}
