using System.Globalization;

namespace MailOperator.Benchmarks.Bed;

/// <summary>Reads a page of metrics in Prometheus' text format.</summary>
internal static class Metrics
{
    /// <summary>The sum over all samples of a name whose labels contain a text.</summary>
    public static double Sum(string page, string name, string labels = "") => page.Split('\n')
        .Where(line => line.StartsWith(name, StringComparison.Ordinal)
            && line.Length > name.Length && line[name.Length] is '{' or ' '
            && line.Contains(labels, StringComparison.Ordinal))
        .Sum(static line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
}
