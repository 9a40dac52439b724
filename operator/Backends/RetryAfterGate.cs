namespace MailOperator.Backends;

/// <summary>Stops requests to a server for as long as its Retry-After says. Thread-safe.</summary>
internal sealed class RetryAfterGate(TimeProvider clock)
{
    /// <summary>The longest delay: a server that asks for more is asked again after this.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromMinutes(5);

    /// <summary>The delay if a server throttles without saying for how long.</summary>
    public static readonly TimeSpan DefaultDelay = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long throttling is retried silently. A burst is only slowed down; a server that lets nothing through for
    /// this long is a fault that people must see.
    /// </summary>
    public static readonly TimeSpan MaxSilence = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private DateTimeOffset _until;
    private DateTimeOffset? _throttledSince;
    private string _problem = "";
    private bool _isThrottled;

    /// <exception cref="MailBackendException">The delay that the server asked for is not over.</exception>
    public void ThrowIfClosed()
    {
        lock (_gate)
        {
            if (_until > clock.GetUtcNow())
            {
                throw Failure();
            }
        }
    }

    /// <summary>
    /// Closes the gate after a 429: there were too many requests, and nothing is lost by a later retry.
    /// </summary>
    /// <param name="problem">Message of the failure.</param>
    /// <param name="asked">The delay that the server asked for; null for <see cref="DefaultDelay"/>.</param>
    public MailBackendException Throttled(string problem, TimeSpan? asked)
    {
        lock (_gate)
        {
            _throttledSince ??= clock.GetUtcNow();
            return Close(problem, asked ?? DefaultDelay, isThrottled: true);
        }
    }

    /// <summary>Closes the gate after a 503: the server cannot do its work.</summary>
    /// <param name="problem">Message of the failure.</param>
    /// <param name="asked">The delay that the server asked for; null for none.</param>
    public MailBackendException Unavailable(string problem, TimeSpan? asked)
    {
        lock (_gate)
        {
            return Close(problem, asked ?? TimeSpan.Zero, isThrottled: false);
        }
    }

    /// <summary>A request succeeded: throttling is over.</summary>
    public void Succeeded()
    {
        lock (_gate)
        {
            _throttledSince = null;
        }
    }

    private MailBackendException Close(string problem, TimeSpan asked, bool isThrottled)
    {
        TimeSpan delay = asked < TimeSpan.Zero ? TimeSpan.Zero : asked < MaxDelay ? asked : MaxDelay;
        DateTimeOffset until = clock.GetUtcNow() + delay;
        _until = until > _until ? until : _until;
        (_problem, _isThrottled) = (problem, isThrottled);
        return Failure();
    }

    private MailBackendException Failure()
    {
        DateTimeOffset now = clock.GetUtcNow();
        return _isThrottled && (_throttledSince is not { } since || now - since <= MaxSilence)
            ? new MailBackendException(BackendFailure.Busy, _problem)
            {
                RetryAfter = _until > now ? _until - now : TimeSpan.FromMilliseconds(200),
            }
            : new MailBackendException(BackendFailure.Unavailable, _problem);
    }
}
