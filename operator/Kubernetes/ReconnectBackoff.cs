namespace MailOperator.Kubernetes;

/// <summary>
/// Delays between connections: 0.8 s doubling to 30 s, give or take half, and reset by a connection of two minutes.
/// </summary>
internal sealed class ReconnectBackoff(Random random)
{
    public static readonly TimeSpan InitialDelay = TimeSpan.FromMilliseconds(800);
    public static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan Healthy = TimeSpan.FromMinutes(2);

    private const double Spread = 0.5;

    private int _failures;

    public TimeSpan Next(TimeSpan connectionLasted)
    {
        if (connectionLasted >= Healthy)
        {
            _failures = 0;
        }

        TimeSpan delay = Backoff.Delay(_failures++, InitialDelay, MaxDelay, Spread, random.NextDouble());
        return delay < MaxDelay ? delay : MaxDelay;
    }
}
