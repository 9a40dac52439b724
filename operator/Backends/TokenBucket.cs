namespace MailOperator.Backends;

/// <summary>Allows a burst of <paramref name="capacity"/> and then one per interval. Thread-safe.</summary>
/// <remarks>
/// Ours, and not System.Threading.RateLimiting: its options take no clock, so that tests could not drive it.
/// </remarks>
/// <param name="capacity">Tokens at the start, and at most.</param>
/// <param name="interval">Time until a token comes back.</param>
/// <param name="clock">The time.</param>
internal sealed class TokenBucket(int capacity, TimeSpan interval, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private double _tokens = capacity;
    private long _countedAt = clock.GetTimestamp();

    /// <summary>Takes a token; if there is none, returns how long until there is one.</summary>
    public bool TryTake(out TimeSpan wait) => TryTake(1, leaving: 0, out wait);

    /// <summary>Takes several tokens or none.</summary>
    /// <param name="count">How many to take.</param>
    /// <param name="leaving">How many must be left for others.</param>
    /// <param name="wait">How long until there are enough; zero if they were taken.</param>
    public bool TryTake(int count, int leaving, out TimeSpan wait)
    {
        lock (_gate)
        {
            _tokens = Math.Min(capacity, _tokens + (clock.GetElapsedTime(_countedAt) / interval));
            _countedAt = clock.GetTimestamp();
            if (_tokens >= count + leaving)
            {
                _tokens -= count;
                wait = TimeSpan.Zero;
                return true;
            }

            wait = interval * (count + leaving - _tokens);
            return false;
        }
    }
}
