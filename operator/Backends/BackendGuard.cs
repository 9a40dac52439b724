namespace MailOperator.Backends;

/// <summary>
/// Keeps one slow or dead backend from taking every worker: a circuit breaker and a limit on calls at a time. What is
/// not let through fails at once and is queued again; no worker waits. The limit stops whoever only begins (by listing):
/// a change comes after a hash was computed, which would be thrown away.
/// </summary>
internal sealed class BackendGuard(string name, int maxConcurrentCalls, TimeProvider clock)
{
    /// <summary>A call that has no answer by then has failed; shorter than a reconcile, which must still report it.</summary>
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(15);

    private readonly CircuitBreaker _breaker = new(clock);
    private int _calls;
    private volatile string _problem = "";

    public async Task<TResult> CallAsync<TResult>(
        Func<CancellationToken, Task<TResult>> call, bool isBeginning, CancellationToken cancellationToken)
    {
        if (_breaker.Admit() > TimeSpan.Zero)
        {
            // What stopped it is said again word for word, so that a status tells it once and not in turns.
            throw new MailBackendException(BackendFailure.Unavailable, _problem);
        }

        if (Interlocked.Increment(ref _calls) > maxConcurrentCalls && isBeginning)
        {
            Interlocked.Decrement(ref _calls);
            _breaker.Undecided();
            throw new MailBackendException(BackendFailure.Busy, $"MailBackend '{name}' has {maxConcurrentCalls} calls under way.");
        }

        using var silence = new CancellationTokenSource(CallTimeout, clock);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            TResult result = await call(deadline.Token);
            _breaker.Succeeded();
            return result;
        }
        catch (MailBackendException e) when (e.Failure is BackendFailure.Busy)
        {
            _breaker.Undecided(); // maybe nothing was sent
            throw;
        }
        catch (MailBackendException e) when (e.Failure is not BackendFailure.Unavailable)
        {
            _breaker.Succeeded(); // it answered
            throw;
        }
        catch (MailBackendException e)
        {
            Failed(e.Message);
            throw;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            Failed($"MailBackend '{name}' gave no answer within {CallTimeout.TotalSeconds} s.");
            throw new MailBackendException(BackendFailure.Unavailable, _problem, e);
        }
        finally
        {
            Interlocked.Decrement(ref _calls);
        }
    }

    private void Failed(string problem)
    {
        _problem = problem;
        _breaker.Failed();
    }
}
