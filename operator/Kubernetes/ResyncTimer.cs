namespace MailOperator.Kubernetes;

/// <summary>Resyncs every interval, give or take a tenth, because not every change causes a watch event.</summary>
internal sealed class ResyncTimer(TimeProvider clock, Random random, TimeSpan interval, Action resync)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(interval * (0.9 + (0.2 * random.NextDouble())), clock, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!cancellationToken.IsCancellationRequested)
            {
                resync();
            }
        }
    }
}
