namespace MailOperator.Backends.Infomaniak;

/// <summary>
/// Keeps to the API's limit for one token: 60 requests in any minute. The first look of a reconcile leaves a reserve
/// for changes under way, and is told when its turn comes, so that requests are not spent on looks whose changes could
/// not follow.
/// </summary>
internal sealed class RequestLimit(TimeProvider clock)
{
    public const int PerMinute = 60;

    /// <summary>Requests that a look must leave for others.</summary>
    public const int Reserve = 9;

    // The burst and what comes back in a minute add up to the limit.
    private const int AtOnce = 20;
    private const int PerPass = 3;

    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1) / (PerMinute - AtOnce);

    /// <summary>How long a change under way waits for a request before it fails as Busy.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan MaxTurn = TimeSpan.FromMinutes(1);

    private readonly TokenBucket _tokens = new(AtOnce, Interval, clock);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, DateTimeOffset> _turns = new(StringComparer.Ordinal);
    private DateTimeOffset _nextTurn;

    /// <summary>Takes the requests that an operation needs before it starts.</summary>
    /// <param name="who">The caller: one that comes too early keeps its turn.</param>
    /// <param name="requests">How many it needs at least.</param>
    /// <param name="leaving">How many must be left for others.</param>
    /// <exception cref="MailBackendException">There are too few: nothing was done, retry later.</exception>
    public RequestAllowance Begin(string who, int requests, int leaving = 0) =>
        _tokens.TryTake(requests, leaving, out TimeSpan wait)
            ? new RequestAllowance(this, requests)
            : throw Busy(TurnOf(who, wait));

    /// <summary>Takes one more request for an operation under way, and waits for it if needed.</summary>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        long begun = clock.GetTimestamp();
        while (!_tokens.TryTake(out TimeSpan wait))
        {
            if (clock.GetElapsedTime(begun) + wait > MaxWait)
            {
                throw Busy(wait);
            }

            await Task.Delay(wait, clock, cancellationToken);
        }
    }

    // Spaces the retries, so that callers come back one after the other.
    private TimeSpan TurnOf(string who, TimeSpan wait)
    {
        lock (_gate)
        {
            DateTimeOffset now = clock.GetUtcNow();
            if (_turns.TryGetValue(who, out DateTimeOffset turn) && turn > now)
            {
                return turn - now > wait ? turn - now : wait;
            }

            foreach (string past in _turns.Where(one => one.Value <= now).Select(static one => one.Key).ToArray())
            {
                _turns.Remove(past);
            }

            turn = now + wait > _nextTurn ? now + wait : _nextTurn;
            turn = turn - now < MaxTurn ? turn : now + MaxTurn;
            _turns[who] = turn;
            _nextTurn = turn + (Interval * PerPass);
            return turn - now;
        }
    }

    private static MailBackendException Busy(TimeSpan wait) =>
        new(BackendFailure.Busy, $"Infomaniak allows {PerMinute} requests a minute, and they are used up.")
        {
            RetryAfter = wait,
        };
}
