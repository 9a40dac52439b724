using System.Globalization;

namespace MailOperator.Benchmarks.Bed;

/// <summary>What the kernel counts of a process.</summary>
internal static class ProcessFigures
{
    private const double TicksPerSecond = 100; // USER_HZ, which Linux fixes for programs

    /// <summary>Computing of all its threads so far, in seconds.</summary>
    public static double CpuSeconds(int process)
    {
        string text = File.ReadAllText($"/proc/{process}/stat");
        // The name before it is in parentheses and may contain spaces.
        string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return fields[11..13].Sum(static ticks => long.Parse(ticks, CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>Resident memory (VmRSS) in MB of a million bytes.</summary>
    public static double ResidentMegabytes(int process) =>
        File.ReadLines($"/proc/{process}/status")
            .Where(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Select(static line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024 / 1e6)
            .Single();
}
