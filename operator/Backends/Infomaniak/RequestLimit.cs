namespace MailOperator.Backends.Infomaniak;

/// <summary>
/// Keeps to the requests that the API takes of one token: 60 in any minute. What only begins (a look) leaves a reserve for
/// what is in the middle, and is told when its turn comes; so many looks are not spent on changes that nothing is left for.
/// </summary>
internal sealed class RequestLimit(TimeProvider clock)
{
    public const int PerMinute = 60;

    /// <summary>Requests that a look leaves alone.</summary>
    public const int Reserve = 9;

    // What may go at once and what comes back in a minute are the limit together.
    private const int AtOnce = 20;
    private const int PerPass = 3;

    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1) / (PerMinute - AtOnce);

    /// <summary>A change under way waits so long for a request; longer, and it comes back.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan MaxTurn = TimeSpan.FromMinutes(1);

    private readonly TokenBucket _tokens = new(AtOnce, Interval, clock);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, DateTimeOffset> _turns = new(StringComparer.Ordinal);
    private DateTimeOffset _nextTurn;

    /// <summary>Takes the requests that something needs before it does anything.</summary>
    /// <param name="who">Who asks: whoever comes too early keeps the turn that it was told.</param>
    /// <param name="requests">How many it needs at least.</param>
    /// <param name="leaving">How many must be left for others.</param>
    /// <exception cref="MailBackendException">There are not as many: nothing was done, come back.</exception>
    public RequestAllowance Begin(string who, int requests, int leaving = 0) =>
        _tokens.TryTake(requests, leaving, out TimeSpan wait) ? new RequestAllowance(this, requests) : throw Busy(TurnOf(who, wait));

    /// <summary>A request more, in the middle of something.</summary>
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

    // Those who are sent away come back one after the other.
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
        new(BackendFailure.Busy, $"Infomaniak takes {PerMinute} requests a minute, and they are spent.") { RetryAfter = wait };
}
