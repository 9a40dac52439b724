namespace MailOperator.Kubernetes;

/// <summary>Waits between connections: 0.8 s doubling to 30 s with jitter, from the start again after two good minutes.</summary>
internal sealed class ReconnectBackoff(Random random)
{
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(800);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan Healthy = TimeSpan.FromMinutes(2);

    private TimeSpan _next = First;

    public TimeSpan Next(TimeSpan connectionLasted)
    {
        if (connectionLasted >= Healthy)
        {
            _next = First;
        }

        TimeSpan delay = _next * (0.5 + random.NextDouble());
        _next = _next * 2 < Longest ? _next * 2 : Longest;
        return delay < Longest ? delay : Longest;
    }
}
