namespace MailOperator.UnitTests.Architecture;

/// <summary>A directed graph of names. Nodes, edges and cycles are in ordinal order.</summary>
internal sealed class Digraph
{
    private readonly SortedDictionary<string, SortedSet<string>> _targets = new(StringComparer.Ordinal);

    public Digraph(IEnumerable<string> nodes, IEnumerable<(string From, string To)> edges)
    {
        foreach (string node in nodes)
        {
            Targets(node);
        }

        foreach ((string from, string to) in edges)
        {
            Targets(to);
            Targets(from).Add(to);
        }
    }

    public IEnumerable<string> Nodes => _targets.Keys;

    public IEnumerable<(string From, string To)> Edges =>
        _targets.SelectMany(static node => node.Value.Select(to => (node.Key, to)));

    /// <summary>
    /// For each edge that lies on a cycle, a shortest cycle through it, each once, short ones first. A cycle is the
    /// list of its nodes; the last one has an edge to the first.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<string>> Cycles() =>
    [
        .. Edges.Select(edge => ShortestPath(edge.To, edge.From, null)).OfType<IReadOnlyList<string>>()
            .Select(FromFirstInOrder).DistinctBy(static cycle => string.Join(' ', cycle))
            .OrderBy(static cycle => cycle.Count),
    ];

    /// <summary>The transitive reduction. A graph with cycles stays as it is, because it has no unique one.</summary>
    public Digraph Reduced() => Cycles().Count == 0
        ? new(Nodes, Edges.Where(edge => ShortestPath(edge.From, edge.To, edge) is null))
        : this;

    private static IReadOnlyList<string> FromFirstInOrder(IReadOnlyList<string> cycle)
    {
        int first = cycle.Index().MinBy(static node => node.Item, StringComparer.Ordinal).Index;
        return [.. cycle.Skip(first), .. cycle.Take(first)];
    }

    /// <summary>The nodes on a shortest path, with both ends; null if there is no path.</summary>
    private List<string>? ShortestPath(string start, string end, (string From, string To)? except)
    {
        var reachedFrom = new Dictionary<string, string?> { [start] = null };
        var open = new Queue<string>([start]);
        while (open.TryDequeue(out string? from))
        {
            if (from == end)
            {
                return PathTo(end, reachedFrom);
            }

            foreach (string to in _targets[from].Where(to => (from, to) != except && reachedFrom.TryAdd(to, from)))
            {
                open.Enqueue(to);
            }
        }

        return null;
    }

    private static List<string> PathTo(string end, Dictionary<string, string?> reachedFrom)
    {
        List<string> path = [];
        for (string? node = end; node is not null; node = reachedFrom[node])
        {
            path.Insert(0, node);
        }

        return path;
    }

    private SortedSet<string> Targets(string node)
    {
        if (!_targets.TryGetValue(node, out SortedSet<string>? targets))
        {
            _targets[node] = targets = new(StringComparer.Ordinal);
        }

        return targets;
    }
}
