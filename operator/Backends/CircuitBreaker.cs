using MailOperator.Kubernetes;

namespace MailOperator.Backends;

/// <summary>
/// Stops calls to a mail system that does not answer: after three failures in a row it lets one call through per
/// period, which doubles from 3 s to 60 s, but is no longer than four times what the failing call took: a server that
/// refuses connections is tried every few seconds, and one that swallows them takes a fifth of one worker. Thread-safe.
/// </summary>
/// <remarks>
/// Ours, and not Polly's: Polly v8 has no "n failures in a row", and there an outcome that is neither success nor
/// failure closes a half-open circuit, where this one passes the trial call on to the next caller
/// (<see cref="Undecided"/>).
/// </remarks>
internal sealed class CircuitBreaker(TimeProvider clock)
{
    public const int FailuresToOpen = 3;
    public static readonly TimeSpan InitialDelay = TimeSpan.FromSeconds(3);
    public static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(60);

    private const int PauseOverCost = 4;

    private readonly Lock _gate = new();
    private int _failures;
    private long _openedAt;
    private int _failedTries;
    private bool _isTrying;
    private bool _isTryLeft;
    private TimeSpan _longest = MaxDelay;

    /// <summary>Whether calls are held, but for one in each period.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_gate)
            {
                return _failures >= FailuresToOpen;
            }
        }
    }

    private TimeSpan Period => Backoff.Delay(_failedTries, InitialDelay, _longest);

    /// <summary>How long to wait before the next call; zero if a call may go ahead now.</summary>
    public TimeSpan Admit()
    {
        lock (_gate)
        {
            if (_failures < FailuresToOpen)
            {
                return TimeSpan.Zero;
            }

            TimeSpan left = _isTryLeft ? TimeSpan.Zero : Period - clock.GetElapsedTime(_openedAt);
            if (left > TimeSpan.Zero)
            {
                return left;
            }

            _openedAt = clock.GetTimestamp(); // this call is the period's trial call
            (_isTrying, _isTryLeft) = (true, false);
            return TimeSpan.Zero;
        }
    }

    public void Succeeded()
    {
        lock (_gate)
        {
            _failures = 0;
            _failedTries = 0;
            (_isTrying, _isTryLeft) = (false, false);
        }
    }

    /// <summary>
    /// A call ended without saying anything about the backend. If it was the period's trial call, the next call is.
    /// </summary>
    public void Undecided()
    {
        lock (_gate)
        {
            _isTryLeft |= _isTrying;
            _isTrying = false;
        }
    }

    /// <param name="took">How long the call that failed took.</param>
    public void Failed(TimeSpan took)
    {
        lock (_gate)
        {
            TimeSpan longest = took * PauseOverCost;
            _longest = longest < InitialDelay ? InitialDelay : longest > MaxDelay ? MaxDelay : longest;
            _failures++;
            if (_failures < FailuresToOpen)
            {
                return;
            }

            // Calls that were under way when it opened do not extend the period.
            if (_isTrying)
            {
                _isTrying = false;
                _failedTries++;
            }

            _isTryLeft = false;
            _openedAt = clock.GetTimestamp();
        }
    }
}
