namespace MailOperator.MailBackends;

/// <summary>
/// Lets callers through at a rate, after a burst, and gives each that has to wait a time of its own. Nobody needs to
/// ask before that time, so however many wait, they come back one after the other. Not thread-safe.
/// </summary>
/// <param name="burst">How many may pass at once after a quiet time; at least 1.</param>
/// <param name="interval">Time between two callers after that.</param>
internal sealed class Turnstile(int burst, TimeSpan interval)
{
    /// <summary>How long a turn is kept for a caller that does not come back.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (TimeSpan At, TimeSpan KeptUntil)> _turns = new(StringComparer.Ordinal);

    // When the whole burst is there again: by the turns that were given, and by those that were used. Callers may use
    // theirs late, and even then no more than the burst pass at once.
    private TimeSpan _given = TimeSpan.Zero;
    private TimeSpan _used = TimeSpan.Zero;

    /// <summary>Nobody waits, and the whole burst is there.</summary>
    public bool IsIdle(TimeSpan now) => _turns.Count == 0 && _given <= now && _used <= now;

    /// <summary>
    /// Time until the caller's turn; zero if it is there. The turn stays the caller's until <see cref="Passed"/>.
    /// </summary>
    public TimeSpan Left(string caller, TimeSpan now)
    {
        TimeSpan turn;
        if (_turns.TryGetValue(caller, out (TimeSpan At, TimeSpan KeptUntil) known))
        {
            turn = known.At;
        }
        else
        {
            turn = Later(now, _given - (interval * (burst - 1)));
            _given = Later(_given, turn) + interval;
            _turns[caller] = (turn, turn + Grace);
        }

        turn = Later(turn, _used - (interval * (burst - 1)));
        return turn > now ? turn - now : TimeSpan.Zero;
    }

    /// <summary>Something else holds the caller back until then, so that it comes for its turn later.</summary>
    public void Keep(string caller, TimeSpan until)
    {
        if (_turns.TryGetValue(caller, out (TimeSpan At, TimeSpan KeptUntil) known))
        {
            _turns[caller] = known with { KeptUntil = until + Grace };
        }
    }

    /// <summary>The caller used its turn.</summary>
    public void Passed(string caller, TimeSpan now)
    {
        if (_turns.Remove(caller))
        {
            _used = Later(_used, now) + interval;
        }
    }

    /// <summary>Forgets the turns of callers that did not come back.</summary>
    public void Sweep(TimeSpan now)
    {
        foreach (string past in _turns.Where(one => one.Value.KeptUntil < now)
            .Select(static one => one.Key).ToArray())
        {
            _turns.Remove(past);
        }
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
