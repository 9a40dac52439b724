namespace MailOperator.MailBackends;

/// <summary>
/// Holds back a device whose Secret is edited or deleted again and again, and nobody else. Not thread-safe.
/// </summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>replacement</term><description>not before, after the one before it</description></listheader>
/// <item><term>1st to 5th</term><description>at once</description></item>
/// <item><term>6th, 7th, 8th, 9th</term><description>2, 4, 8, 16 s</description></item>
/// <item><term>every later one</term><description>30 s</description></item>
/// <item><term>the first after 10 min without one</term><description>at once; counted from 1 again</description></item>
/// </list>
/// </remarks>
internal sealed class Replacements
{
    public const int Free = 5;

    public static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    /// <summary>After this time without a replacement a device is forgotten.</summary>
    public static readonly TimeSpan QuietTime = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, (int Count, TimeSpan Last)> _devices = new(StringComparer.Ordinal);

    /// <summary>How many devices are remembered.</summary>
    public int Count => _devices.Count;

    /// <summary>Time until the device may have the next one; zero if it may now.</summary>
    public TimeSpan Left(string device, TimeSpan now)
    {
        if (!_devices.TryGetValue(device, out (int Count, TimeSpan Last) known)
            || known.Count < Free || now - known.Last >= QuietTime)
        {
            return TimeSpan.Zero;
        }

        TimeSpan due = known.Last + Delay(known.Count);
        return due > now ? due - now : TimeSpan.Zero;
    }

    /// <summary>The device got one.</summary>
    public void Add(string device, TimeSpan now) => _devices[device] =
        _devices.TryGetValue(device, out (int Count, TimeSpan Last) known) && now - known.Last < QuietTime
            ? (known.Count + 1, now)
            : (1, now);

    /// <summary>Forgets devices that were left alone.</summary>
    public void Sweep(TimeSpan now)
    {
        foreach (string quiet in _devices.Where(one => now - one.Value.Last >= QuietTime)
            .Select(static one => one.Key).ToArray())
        {
            _devices.Remove(quiet);
        }
    }

    private static TimeSpan Delay(int count)
    {
        TimeSpan delay = FirstDelay * Math.Pow(2, Math.Min(count - Free, 16));
        return delay < LongestDelay ? delay : LongestDelay;
    }
}
