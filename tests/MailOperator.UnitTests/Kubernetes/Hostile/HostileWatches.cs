using Microsoft.AspNetCore.Http;

namespace MailOperator.UnitTests.Kubernetes.Hostile;

/// <summary>
/// The watches of a <see cref="HostileApiServer"/>. Each sends what happens in the store until it is broken.
/// </summary>
internal sealed class HostileWatches(HostileStore store)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource<Breakage> _breaking = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open;

    /// <summary>Watches whose clients have not hung up, silent ones too.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>
    /// Lets the watches under way go wrong. One that was silenced can be broken again,
    /// and has missed what came between.
    /// </summary>
    public void Break(Fault fault)
    {
        lock (_gate)
        {
            TaskCompletionSource<Breakage> broken = _breaking;
            _breaking = new TaskCompletionSource<Breakage>(TaskCreationOptions.RunContinuationsAsynchronously);
            broken.SetResult(new Breakage(fault, store.Version, _breaking.Task));
        }
    }

    /// <summary>Answers one watch until it is broken by a fault that ends it.</summary>
    public async Task RunAsync(HttpContext context, ApiRequest request, long position, CancellationToken ended)
    {
        Task<Breakage> breaking = NextBreakage();
        Interlocked.Increment(ref _open);
        try
        {
            await context.Response.StartAsync(ended);
            await TellAsync(context, request, position, breaking, ended);
            Breakage broken = await breaking;
            while (broken.Fault is Fault.Silence)
            {
                broken = await broken.Next.WaitAsync(ended);
            }

            await FaultyStream.FailAsync(context, broken.Fault, ended);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    /// <summary>Sends what happens, up to the break and nothing of what comes after it.</summary>
    private async Task TellAsync(
        HttpContext context, ApiRequest request, long position, Task<Breakage> breaking, CancellationToken ended)
    {
        while (true)
        {
            Task news = store.News;
            IReadOnlyList<LoggedEvent> events = store.EventsAfter(position, request.Path);
            long last = breaking.IsCompletedSuccessfully ? (await breaking).Version : long.MaxValue;
            foreach (LoggedEvent logged in events.Where(logged => logged.Version <= last))
            {
                position = logged.Version;
                await context.Response.WriteAsync(
                    HostileVerbs.Line(logged.Type, HostileVerbs.Shown(request, logged.Object)), ended);
            }

            await context.Response.Body.FlushAsync(ended);
            if (last < long.MaxValue)
            {
                return;
            }

            await Task.WhenAny(news, breaking).WaitAsync(ended);
        }
    }

    private Task<Breakage> NextBreakage()
    {
        lock (_gate)
        {
            return _breaking.Task;
        }
    }

    private sealed record Breakage(Fault Fault, long Version, Task<Breakage> Next);
}
