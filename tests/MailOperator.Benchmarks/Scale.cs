using System.Globalization;

namespace MailOperator.Benchmarks;

/// <summary>
/// SCALE=0.1 measures with a tenth of all devices, to try a part. Names of figures say how many there were.
/// </summary>
internal static class Scale
{
    private static readonly double Factor =
        double.TryParse(Environment.GetEnvironmentVariable("SCALE"), CultureInfo.InvariantCulture, out double factor)
            ? factor
            : 1;

    public static bool IsWhole => Factor >= 1;

    public static int Of(int count) => Math.Max(Math.Min(count, 2), (int)(count * Factor));
}
