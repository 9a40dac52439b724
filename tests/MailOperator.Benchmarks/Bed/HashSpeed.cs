using System.Diagnostics;
using MailOperator.Benchmarks.Figures;

namespace MailOperator.Benchmarks.Bed;

/// <summary>What BCrypt.Net needs for a hash, without anything else.</summary>
internal static class HashSpeed
{
    /// <summary>One hash on one core, the median of some.</summary>
    public static double Milliseconds(int workFactor, int count) => Statistics.Median(
        Enumerable.Range(0, count).Select(_ =>
        {
            long start = Stopwatch.GetTimestamp();
            BCrypt.Net.BCrypt.HashPassword("thirty-two-characters-of-a-pass.", workFactor);
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }).ToArray());

    /// <summary>Hashes a second on all cores together, by the computing that they take while all cores hash.</summary>
    public static double PerSecond(int workFactor, int count)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        Parallel.For(
            0, count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            _ => BCrypt.Net.BCrypt.HashPassword("thirty-two-characters-of-a-pass.", workFactor));
        return count * Environment.ProcessorCount / (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }
}
