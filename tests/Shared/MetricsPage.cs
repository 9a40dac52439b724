using System.Globalization;
using System.Text;
using MailOperator.Kubernetes;

namespace MailOperator.Tests;

/// <summary>What /metrics shows.</summary>
internal sealed class MetricsPage
{
    private readonly Dictionary<string, double> _samples = new(StringComparer.Ordinal);

    private MetricsPage(string text)
    {
        Text = text;
        foreach (string line in text.Split('\n').Where(static line => line.Length > 0 && line[0] != '#'))
        {
            int end = line.LastIndexOf(' ');
            _samples[line[..end]] = double.Parse(line[(end + 1)..], CultureInfo.InvariantCulture);
        }
    }

    public string Text { get; }

    /// <summary>Names with labels, such as <c>up{job="a"}</c>.</summary>
    public IReadOnlyDictionary<string, double> Samples => _samples;

    public static MetricsPage Read(RuntimeMetrics metrics)
    {
        using var stream = new MemoryStream();
        // Nothing waits: the registry has no asynchronous callbacks, and the stream is memory.
        metrics.Registry.CollectAndExportAsTextAsync(stream, CancellationToken.None).GetAwaiter().GetResult();
        return new MetricsPage(Encoding.UTF8.GetString(stream.ToArray()));
    }

    public static MetricsPage Of(string text) => new(text);

    /// <summary>Of all samples of this name.</summary>
    public double Sum(string name) => _samples
        .Where(pair => pair.Key == name || pair.Key.StartsWith(name + "{", StringComparison.Ordinal))
        .Sum(static pair => pair.Value);
}
