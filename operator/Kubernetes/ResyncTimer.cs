namespace MailOperator.Kubernetes;

/// <summary>Calls for a look at everything again from time to time, in case the world changed without a word.</summary>
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
