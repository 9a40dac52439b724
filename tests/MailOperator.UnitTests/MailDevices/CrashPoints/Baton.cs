namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>Stops a process at each outward call until it may go on. Two of them make an interleaving.</summary>
internal sealed class Baton : IDisposable
{
    private readonly SemaphoreSlim _arrivals = new(0);
    private readonly SemaphoreSlim _turns = new(0);
    private Task _process = Task.CompletedTask;
    private bool _isFree;

    /// <summary>Runs the process up to its first call.</summary>
    public Task StartAsync(SimulatedOperator one, Func<Task> run)
    {
        one.Wire.Turn = WaitForTurnAsync;
        _process = run();
        return UntilItWaitsAsync();
    }

    /// <summary>Lets one call through and waits for the next one. False if the process has ended.</summary>
    public async Task<bool> StepAsync()
    {
        if (_process.IsCompleted)
        {
            await _process;
            return false;
        }

        _turns.Release();
        await UntilItWaitsAsync();
        return !_process.IsCompleted;
    }

    /// <summary>Lets the process run to its end.</summary>
    public async Task FinishAsync()
    {
        _isFree = true;
        _turns.Release();
        await _process;
    }

    public void Dispose()
    {
        _arrivals.Dispose();
        _turns.Dispose();
    }

    private async Task WaitForTurnAsync()
    {
        if (!_isFree)
        {
            _arrivals.Release();
            await _turns.WaitAsync();
        }
    }

    private async Task UntilItWaitsAsync() => await Task.WhenAny(_arrivals.WaitAsync(), _process);
}
