using Prometheus;

namespace MailOperator.Kubernetes;

/// <summary>
/// A gauge that is read when Prometheus asks, and costs nothing between. Prometheus' client keeps what it has once
/// published, so labels that are gone are taken out.
/// </summary>
internal sealed class ScrapedGauge(Gauge gauge, Func<IEnumerable<Sample>> measure)
{
    private Dictionary<string, string[]> _published = new(StringComparer.Ordinal);

    public void Collect()
    {
        var now = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (Sample sample in measure())
        {
            gauge.WithLabels(sample.Labels).Set(sample.Value);
            now[string.Join('\0', sample.Labels)] = sample.Labels;
        }

        foreach ((string key, string[] labels) in _published)
        {
            if (labels.Length > 0 && !now.ContainsKey(key))
            {
                gauge.RemoveLabelled(labels);
            }
        }

        if (gauge.LabelNames.Length == 0 && now.Count == 0)
        {
            gauge.Unpublish();
        }

        _published = now;
    }
}
