using System.Text;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Architecture;

/// <summary>The picture in CONTRIBUTING.md shows which folder of the operator uses which.</summary>
public sealed class ModulesPictureTests
{
    private const string Begin = "<!-- rooms:begin -->\n";

    private const string End = "<!-- rooms:end -->\n";

    [Fact]
    public void Picture_InContributing_MatchesTheCode()
    {
        string file = Repository.Path("CONTRIBUTING.md");
        string text = File.ReadAllText(file);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = text.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= Begin.Length && end >= begin, $"{file} has no {Begin}and then {End}");
        string picture = Render();

        if (Environment.GetEnvironmentVariable("UPDATE_PICTURE") == "1")
        {
            File.WriteAllText(file, $"{text[..begin]}{picture}{text[end..]}");
            return;
        }

        Assert.True(
            text[begin..end] == picture,
            $"The picture in CONTRIBUTING.md is out of date. Set UPDATE_PICTURE=1 here, or paste:\n\n{picture}");
    }

    private static string Render()
    {
        Digraph folders = NamespaceGraph.Folders.Graph.Reduced();
        var picture = new StringBuilder("```mermaid\nflowchart TD\n");
        HashSet<string> connected = [.. folders.Edges.SelectMany(static edge => new[] { edge.From, edge.To })];
        foreach (string alone in folders.Nodes.Where(node => !connected.Contains(node)))
        {
            picture.Append($"    {alone}\n");
        }

        foreach ((string from, string to) in folders.Edges)
        {
            picture.Append($"    {from} --> {to}\n");
        }

        return picture.Append("```\n").ToString();
    }
}
