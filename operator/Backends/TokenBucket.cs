namespace MailOperator.Backends;

/// <summary>Lets a number of things happen at once and then one per interval. Thread-safe.</summary>
internal sealed class TokenBucket(int capacity, TimeSpan interval, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private double _tokens = capacity;
    private long _countedAt = clock.GetTimestamp();

    /// <summary>Takes a token; if there is none, tells how long until there is one.</summary>
    public bool TryTake(out TimeSpan wait) => TryTake(1, leaving: 0, out wait);

    /// <summary>Takes several tokens, or none; tells how long until there are so many and those to leave.</summary>
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
