using System.Text;

namespace MailOperator.UnitTests.Architecture;

/// <summary>
/// Folders of the operator do not depend on each other in a cycle, so that each can be read and tested with only those
/// that it uses.
/// </summary>
public sealed class NamespaceCyclesTests
{
    private const int MaxReported = 10;

    private const int MaxExamples = 5;

    [Fact]
    public void Namespaces_OfTheOperator_HaveNoCycle() => AssertNoCycle(NamespaceGraph.Namespaces);

    [Fact]
    public void Folders_WithTheirSubfolders_HaveNoCycle() => AssertNoCycle(NamespaceGraph.Folders);

    [Fact]
    public void Namespace_OfAFile_IsItsFolder()
    {
        string[] misplaced =
        [
            .. SourceFile.Operator.Where(static file => file.Path != Path.Combine("operator", "Program.cs"))
                .Select(static file => (file.Path, file.Namespace, Folder: FolderAsNamespace(file.Path)))
                .Where(static file => file.Namespace != file.Folder)
                .Select(static file => $"{file.Path}: {file.Namespace}, expected {file.Folder}"),
        ];

        Assert.True(misplaced.Length == 0, $"Namespaces differ from folders:\n{string.Join('\n', misplaced)}");
    }

    private static void AssertNoCycle(NamespaceGraph graph)
    {
        IReadOnlyList<IReadOnlyList<string>> cycles = graph.Graph.Cycles();
        var report = new StringBuilder();
        foreach (IReadOnlyList<string> cycle in cycles.Take(MaxReported))
        {
            report.Append($"\n{string.Join(" -> ", [.. cycle, cycle[0]])}\n");
            foreach ((string from, string to) in cycle.Zip([.. cycle.Skip(1), cycle[0]]))
            {
                report.Append(Describe(from, to, graph.Uses(from, to)));
            }
        }

        // One wrong dependency can close many cycles: the shortest ones show it best.
        Assert.True(cycles.Count == 0, $"Cycles of dependencies, the shortest of {cycles.Count}:\n{report}");
    }

    private static string Describe(string from, string to, IReadOnlyCollection<string> uses)
    {
        string more = uses.Count > MaxExamples ? $", and {uses.Count - MaxExamples} more" : "";
        return $"  {from} uses {to}: {string.Join(", ", uses.Take(MaxExamples))}{more}\n";
    }

    private static string FolderAsNamespace(string path)
    {
        string[] folders = Path.GetDirectoryName(path)!.Split(Path.DirectorySeparatorChar);
        return string.Join('.', [NamespaceGraph.Root, .. folders.Skip(1)]);
    }
}
