using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Cronos;
using MailOperator.Api;

namespace MailOperator.MailBackends;

/// <summary>
/// When automatic rotations may happen: it opens at each time of a cron expression in its time zone, and stays open for
/// a duration. If both day of month and day of week are given, it opens on either one, as in Vixie's cron.
/// </summary>
internal sealed partial class RotationWindow
{
    public static readonly TimeSpan MinDuration = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan MaxDuration = TimeSpan.FromDays(7);

    private static readonly DateTimeOffset AnyTime = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // One, or two for the day of month and the day of week: the library wants both to be right, and cron either.
    private readonly CronExpression[] _opens;
    private readonly TimeZoneInfo _zone;

    private RotationWindow(CronExpression[] opens, TimeSpan duration, TimeZoneInfo zone) =>
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
        CronExpression[]? opens = Cron(spec.Cron, out string? why);
        TimeSpan? duration = Durations.Parse(spec.Duration);
        TimeZoneInfo? zone = Zone(zoneName);
        problem = opens is null ? $".cron '{spec.Cron}' is not a cron expression such as '0 2 * * SUN': {why}"
            : duration is null ? $".duration '{spec.Duration}' is not a duration such as 4h"
            : duration < MinDuration || duration > MaxDuration ? $".duration '{spec.Duration}' must be "
                + $"{Durations.Format(MinDuration)} to {Durations.Format(MaxDuration)}"
            : zone is null ? $".timeZone '{zoneName}' is not a time zone that the operator knows; "
                + "use an IANA name such as Europe/Zurich"
            : Next(opens, AnyTime, zone) is null ? $".cron '{spec.Cron}' names a time that never comes"
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
        Next(_opens, time - Duration, _zone)?.ToUniversalTime() ?? DateTimeOffset.MaxValue;

    private static DateTimeOffset? Next(CronExpression[] opens, DateTimeOffset from, TimeZoneInfo zone) =>
        opens.Min(one => one.GetNextOccurrence(from, zone));

    private static CronExpression[]? Cron(string text, out string? why)
    {
        why = "it must have five fields";
        string[] fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != 5)
        {
            return null; // the library also accepts words such as @daily, which the schema refuses
        }

        try
        {
            var both = CronExpression.Parse(text, CronFormat.Standard);
            return IsAny(fields[2]) || IsAny(fields[4])
                ? [both]
                : [Parse([.. fields[..4], "*"]), Parse([.. fields[..2], "*", .. fields[3..]])];
        }
        catch (MissingSeedException)
        {
            why = "'H' stands for no time";
            return null;
        }
        catch (CronFormatException e)
        {
            why = e.Message;
            return null;
        }
    }

    // As in cron, a step over all days such as */2 does not name a day.
    private static bool IsAny(string field) => field[0] is '*' or '?';

    private static CronExpression Parse(string[] fields) =>
        CronExpression.Parse(string.Join(' ', fields), CronFormat.Standard);

    // Time zones are files: a name must not become another path.
    private static TimeZoneInfo? Zone(string name) =>
        ZoneName().IsMatch(name) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out TimeZoneInfo? zone) ? zone : null;

    [GeneratedRegex(@"\A[A-Za-z0-9_+-]{1,32}(?:/[A-Za-z0-9_+-]{1,32}){0,2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ZoneName();
}
