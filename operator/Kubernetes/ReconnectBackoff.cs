namespace MailOperator.Kubernetes;

/// <summary>Waits between connections: 0.8 s doubling to 30 s with jitter, from the start again after two good minutes.</summary>
internal sealed class ReconnectBackoff(Random random)
{
    public static readonly TimeSpan InitialDelay = TimeSpan.FromMilliseconds(800);
    public static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan Healthy = TimeSpan.FromMinutes(2);

    private TimeSpan _next = InitialDelay;

    public TimeSpan Next(TimeSpan connectionLasted)
    {
        if (connectionLasted >= Healthy)
        {
            _next = InitialDelay;
        }

        TimeSpan delay = _next * (0.5 + random.NextDouble());
        _next = _next * 2 < MaxDelay ? _next * 2 : MaxDelay;
        return delay < MaxDelay ? delay : MaxDelay;
    }
}
