using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Cronos;
using MailOperator.Api;

namespace MailOperator.MailBackends;

/// <summary>
/// When automatic rotations may happen: it opens at each time of a cron expression in its time zone, and stays open for
/// a duration.
/// </summary>
internal sealed partial class RotationWindow
{
    public static readonly TimeSpan MinDuration = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan MaxDuration = TimeSpan.FromDays(7);

    private static readonly DateTimeOffset AnyTime = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly CronExpression _opens;
    private readonly TimeZoneInfo _zone;

    private RotationWindow(CronExpression opens, TimeSpan duration, TimeZoneInfo zone) =>
        (_opens, Duration, _zone) = (opens, duration, zone);

    public TimeSpan Duration { get; }

    /// <param name="spec">The window in the spec.</param>
    /// <param name="window">Null together with a problem.</param>
    /// <param name="problem">The field and what is wrong with it, to append to the path of the window.</param>
    public static bool TryParse(
        RotationWindowSpec spec,
        [NotNullWhen(true)] out RotationWindow? window,
        [NotNullWhen(false)] out string? problem)
    {
        string zoneName = spec.TimeZone ?? "UTC";
        CronExpression? opens = Cron(spec.Cron, out string? why);
        TimeSpan? duration = Durations.Parse(spec.Duration);
        TimeZoneInfo? zone = Zone(zoneName);
        problem = opens is null ? $".cron '{spec.Cron}' is not a cron expression such as '0 2 * * SUN': {why}"
            : duration is null ? $".duration '{spec.Duration}' is not a duration such as 4h"
            : duration < MinDuration || duration > MaxDuration ? $".duration '{spec.Duration}' must be "
                + $"{Durations.Format(MinDuration)} to {Durations.Format(MaxDuration)}"
            : zone is null ? $".timeZone '{zoneName}' is not a time zone that the operator knows; "
                + "use an IANA name such as Europe/Zurich"
            : opens.GetNextOccurrence(AnyTime, zone) is null ? $".cron '{spec.Cron}' names a time that never comes"
            : null;
        window = problem is null
            ? new RotationWindow(opens!, duration!.Value, zone!) // each null would be a problem
            : null;
        return window is not null;
    }

    /// <summary>What is wrong with <c>spec.rotation.window</c>; null if nothing is, or if there is none.</summary>
    public static string? Problem(RotationWindowSpec? spec) =>
        spec is not null && !TryParse(spec, out _, out string? problem) ? $"spec.rotation.window{problem}" : null;

    /// <summary>When it last opened if it is open at this time, else when it opens next.</summary>
    public DateTimeOffset OpeningAt(DateTimeOffset time) =>
        _opens.GetNextOccurrence(time - Duration, _zone)?.ToUniversalTime() ?? DateTimeOffset.MaxValue;

    private static CronExpression? Cron(string text, out string? why)
    {
        why = "it must have five fields";
        if (text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length != 5)
        {
            return null; // the library also accepts words such as @daily, which the schema refuses
        }

        try
        {
            return CronExpression.Parse(text, CronFormat.Standard);
        }
        catch (CronFormatException e)
        {
            why = e.Message;
            return null;
        }
    }

    // Time zones are files: a name must not become another path.
    private static TimeZoneInfo? Zone(string name) =>
        ZoneName().IsMatch(name) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out TimeZoneInfo? zone) ? zone : null;

    [GeneratedRegex(@"\A[A-Za-z0-9_+-]{1,32}(?:/[A-Za-z0-9_+-]{1,32}){0,2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ZoneName();
}
