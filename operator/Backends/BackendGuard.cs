namespace MailOperator.Backends;

/// <summary>
/// Keeps one slow or dead backend from taking every worker: a circuit breaker and a limit on concurrent calls. A call
/// that is not let through fails at once and is queued again; no worker waits. The limit applies to the first call of a
/// reconcile (a listing) only: a change comes after a hash was computed, and that work would be lost.
/// </summary>
internal sealed class BackendGuard(string name, int maxConcurrentCalls, BackendCalls metrics, TimeProvider clock)
{
    /// <summary>
    /// A call without an answer by then has failed. Shorter than a reconcile, which must still report the failure.
    /// </summary>
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(15);

    private readonly CircuitBreaker _breaker = new(clock);
    private int _calls;
    private volatile string _problem = "";

    public async Task<TResult> CallAsync<TResult>(
        Func<CancellationToken, Task<TResult>> call, bool isBeginning, CancellationToken cancellationToken)
    {
        if (_breaker.Admit() > TimeSpan.Zero)
        {
            metrics.Held(BackendMetrics.Holds.Circuit);
            // Repeat the original message verbatim so that the condition does not alternate between two texts.
            throw new MailBackendException(BackendFailure.Unavailable, _problem);
        }

        if (Interlocked.Increment(ref _calls) > maxConcurrentCalls && isBeginning)
        {
            Interlocked.Decrement(ref _calls);
            _breaker.Undecided();
            metrics.Held(BackendMetrics.Holds.Concurrency);
            throw new MailBackendException(
                BackendFailure.Busy, $"MailBackend '{name}' has {maxConcurrentCalls} calls under way.");
        }

        long started = clock.GetTimestamp();
        using var timeout = new CancellationTokenSource(CallTimeout, clock);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            TResult result = await call(deadline.Token);
            _breaker.Succeeded();
            metrics.Ended(null, clock.GetElapsedTime(started));
            return result;
        }
        catch (MailBackendException e) when (e.Failure is BackendFailure.Busy)
        {
            _breaker.Undecided(); // possibly nothing was sent
            metrics.Held(BackendMetrics.Holds.RateLimit);
            throw;
        }
        catch (MailBackendException e) when (e.Failure is not BackendFailure.Unavailable)
        {
            _breaker.Succeeded(); // it answered
            metrics.Ended(e.Failure, clock.GetElapsedTime(started));
            throw;
        }
        catch (MailBackendException e)
        {
            Failed(e.Message, started);
            throw;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            Failed($"MailBackend '{name}' gave no answer within {CallTimeout.TotalSeconds} s.", started);
            throw new MailBackendException(BackendFailure.Unavailable, _problem, e);
        }
        finally
        {
            Interlocked.Decrement(ref _calls);
            metrics.Circuit(_breaker.IsOpen);
        }
    }

    private void Failed(string problem, long started)
    {
        _problem = problem;
        TimeSpan took = clock.GetElapsedTime(started);
        _breaker.Failed(took);
        metrics.Ended(BackendFailure.Unavailable, took);
    }
}
