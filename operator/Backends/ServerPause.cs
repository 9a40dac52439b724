namespace MailOperator.Backends;

/// <summary>Leaves a server alone for as long as it asked for. Thread-safe.</summary>
internal sealed class ServerPause(TimeProvider clock)
{
    /// <summary>A server that asks for more is asked again after this.</summary>
    public static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(5);

    /// <summary>If it says only that there is too much.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(2);

    /// <summary>A burst is slowed down without a word; a server that lets nothing through for so long is a fault that people must see.</summary>
    public static readonly TimeSpan MaxSilence = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private DateTimeOffset _until;
    private DateTimeOffset? _crowdedSince;
    private string _problem = "";
    private bool _isCrowded;

    /// <exception cref="MailBackendException">It is not to be asked yet.</exception>
    public void ThrowIfPaused()
    {
        lock (_gate)
        {
            if (_until > clock.GetUtcNow())
            {
                throw Failure();
            }
        }
    }

    /// <summary>There was too much for it: what comes back later has lost nothing.</summary>
    public MailBackendException Crowded(string problem, TimeSpan? asked)
    {
        lock (_gate)
        {
            _crowdedSince ??= clock.GetUtcNow();
            return Pause(problem, asked ?? Usual, isCrowded: true);
        }
    }

    /// <summary>It cannot do its work.</summary>
    public MailBackendException Away(string problem, TimeSpan? asked)
    {
        lock (_gate)
        {
            return Pause(problem, asked ?? TimeSpan.Zero, isCrowded: false);
        }
    }

    /// <summary>It did what was asked.</summary>
    public void End()
    {
        lock (_gate)
        {
            _crowdedSince = null;
        }
    }

    private MailBackendException Pause(string problem, TimeSpan asked, bool isCrowded)
    {
        DateTimeOffset until = clock.GetUtcNow() + (asked < TimeSpan.Zero ? TimeSpan.Zero : asked < MaxPause ? asked : MaxPause);
        _until = until > _until ? until : _until;
        (_problem, _isCrowded) = (problem, isCrowded);
        return Failure();
    }

    private MailBackendException Failure()
    {
        DateTimeOffset now = clock.GetUtcNow();
        return _isCrowded && (_crowdedSince is not { } since || now - since <= MaxSilence)
            ? new MailBackendException(BackendFailure.Busy, _problem) { RetryAfter = _until > now ? _until - now : TimeSpan.FromMilliseconds(200) }
            : new MailBackendException(BackendFailure.Unavailable, _problem);
    }
}
