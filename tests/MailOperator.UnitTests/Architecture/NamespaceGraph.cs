using System.Reflection;
using MailOperator.Backends;

namespace MailOperator.UnitTests.Architecture;

/// <summary>Which namespaces or folders of the operator use which, and by which types.</summary>
internal sealed class NamespaceGraph
{
    public const string Root = nameof(MailOperator);

    private readonly Dictionary<(string From, string To), SortedSet<string>> _uses = [];

    private NamespaceGraph(IEnumerable<string> nodes, IEnumerable<(string From, string To, string Types)> uses)
    {
        foreach ((string from, string to, string types) in uses.Where(static use => use.From != use.To))
        {
            if (!_uses.TryGetValue((from, to), out SortedSet<string>? all))
            {
                _uses[(from, to)] = all = new(StringComparer.Ordinal);
            }

            all.Add(types);
        }

        Graph = new(nodes, _uses.Keys);
    }

    /// <summary>Every namespace: a subfolder is a node beside its parent.</summary>
    public static NamespaceGraph Namespaces { get; } =
        OfNamespaces(typeof(OperatorIdentity).Assembly, SourceFile.Operator);

    /// <summary>The top-level folders, each with its subfolders, without the types directly in operator/.</summary>
    public static NamespaceGraph Folders { get; } = new(
        Namespaces.Graph.Nodes.Where(IsInFolder).Select(Folder),
        Namespaces._uses.Where(static edge => IsInFolder(edge.Key.From) && IsInFolder(edge.Key.To))
            .SelectMany(static edge =>
                edge.Value.Select(types => (Folder(edge.Key.From), Folder(edge.Key.To), types))));

    public Digraph Graph { get; }

    /// <summary>"First -> Second" for each pair of types in which the first uses the second.</summary>
    public IReadOnlyCollection<string> Uses(string from, string to) => _uses[(from, to)];

    public static bool IsOurs(string? name) => $"{name}.".StartsWith($"{Root}.", StringComparison.Ordinal);

    private static bool IsInFolder(string name) => name != Root;

    private static string Folder(string name) => name.Split('.')[1];

    private static NamespaceGraph OfNamespaces(Assembly assembly, IReadOnlyList<SourceFile> files)
    {
        var sources = new SourceReferences(assembly.GetTypes());
        List<(string? From, string? To, string Types)> uses =
        [
            .. CompiledReferences.Of(assembly).Select(static pair => Use(pair.From.Namespace, pair.From.Name, pair.To)),
            .. files.SelectMany(file => sources.Constants(file).Select(type => Use(file.Namespace, file.Name, type))),
        ];
        // A directive is named only where no pair of types explains it.
        HashSet<(string?, string?)> explained = [.. uses.Select(static use => (use.From, use.To))];
        uses.AddRange(
            from file in files
            from import in sources.Imports(file)
            where !explained.Contains((file.Namespace, import))
            select (file.Namespace, import, $"{file.Name} -> using {import}"));

        return new(
            assembly.GetTypes().Select(static type => type.Namespace).OfType<string>().Where(IsOurs),
            uses.Where(static use => IsOurs(use.From) && IsOurs(use.To))
                .Select(static use => (use.From!, use.To!, use.Types)));
    }

    private static (string? From, string? To, string Types) Use(string? from, string name, Type to) =>
        (from, to.Namespace, $"{name} -> {to.Name}");
}
