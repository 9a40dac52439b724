using System.Globalization;

namespace MailOperator.Benchmarks.Bed;

/// <summary>What the kernel counts of all processes together.</summary>
internal static class MachineFigures
{
    private const double TicksPerSecond = 100;

    /// <summary>How busy the cores are in the next seconds, in percent of all.</summary>
    public static async Task<double> BusyPercentAsync(TimeSpan time)
    {
        double before = BusySeconds();
        await Task.Delay(time, TimeProvider.System);
        return (BusySeconds() - before) / time.TotalSeconds / Environment.ProcessorCount * 100;
    }

    /// <summary>Seconds that the cores have not been idle, all together.</summary>
    public static double BusySeconds()
    {
        // cpu user nice system idle iowait irq softirq steal
        long[] ticks = [.. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Skip(1).Take(8).Select(static one => long.Parse(one, CultureInfo.InvariantCulture))];
        return (ticks.Sum() - ticks[3] - ticks[4]) / TicksPerSecond;
    }
}
