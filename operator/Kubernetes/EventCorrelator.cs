namespace MailOperator.Kubernetes;

/// <summary>One Event that counts equal ones.</summary>
internal sealed record EventSeries(ObjectKey Key, int Count, string Message);

/// <summary>
/// client-go's rules: equal events count up one Event; more than ten of a reason within ten minutes that differ only
/// in their text become one; one object writes 25 at once and then one every five minutes. Not thread-safe.
/// </summary>
internal sealed class EventCorrelator(TimeProvider clock)
{
    public const int Burst = 25;
    public const int SimilarBeforeAggregation = 10;
    public static readonly TimeSpan Refill = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan AggregationWindow = TimeSpan.FromMinutes(10);

    private const int MaxRemembered = 4096;

    private readonly Dictionary<(string Uid, string Severity, string Reason, string Message), EventSeries> _series = [];
    private readonly Dictionary<(string Uid, string Severity, string Reason), Similar> _similar = [];
    private readonly Dictionary<string, Tokens> _tokens = [];

    /// <summary>Null if the object's token bucket is empty.</summary>
    public EventSeries? Correlate(RecordedEvent recorded)
    {
        ForgetIfMany();
        if (!TakeToken(recorded.Uid))
        {
            return null;
        }

        string message = Aggregate(recorded);
        var key = (recorded.Uid, recorded.Severity, recorded.Reason, message);
        EventSeries series = _series.TryGetValue(key, out EventSeries? known)
            ? known with { Count = known.Count + 1 }
            : new EventSeries(NameOf(recorded), 1, message);
        _series[key] = series;
        return series;
    }

    public void Forget(RecordedEvent recorded)
    {
        foreach (var key in _series.Keys.Where(key => key.Uid == recorded.Uid && key.Reason == recorded.Reason)
            .ToList())
        {
            _series.Remove(key);
        }
    }

    private string Aggregate(RecordedEvent recorded)
    {
        var key = (recorded.Uid, recorded.Severity, recorded.Reason);
        if (!_similar.TryGetValue(key, out Similar? similar) || clock.GetElapsedTime(similar.Since) > AggregationWindow)
        {
            similar = new Similar(clock.GetTimestamp(), []);
            _similar[key] = similar;
        }

        similar.Messages.Add(recorded.Message);
        return similar.Messages.Count > SimilarBeforeAggregation
            ? "(combined from similar events): " + recorded.Reason
            : recorded.Message;
    }

    private bool TakeToken(string uid)
    {
        if (!_tokens.TryGetValue(uid, out Tokens tokens))
        {
            tokens = new Tokens(Burst, clock.GetTimestamp());
        }

        double left = Math.Min(Burst, tokens.Left + (clock.GetElapsedTime(tokens.At) / Refill));
        bool taken = left >= 1;
        _tokens[uid] = new Tokens(taken ? left - 1 : left, clock.GetTimestamp());
        return taken;
    }

    // Forgetting costs a second Event instead of a higher count; remembering everything would leak memory.
    private void ForgetIfMany()
    {
        if (_series.Count + _similar.Count + _tokens.Count > 3 * MaxRemembered)
        {
            _series.Clear();
            _similar.Clear();
            _tokens.Clear();
        }
    }

    // Events of a cluster-scoped object go to "default", as client-go's do. A name must not end with '-' or '.'.
    private static ObjectKey NameOf(RecordedEvent recorded) => new(
        recorded.About.Namespace.Length == 0 ? "default" : recorded.About.Namespace,
        $"{recorded.About.Name[..Math.Min(recorded.About.Name.Length, 200)].TrimEnd('-', '.')}."
        + $"{Guid.CreateVersion7(recorded.Time):N}");

    private sealed record Similar(long Since, HashSet<string> Messages);

    private readonly record struct Tokens(double Left, long At);
}
