using System.Text.RegularExpressions;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Docs;

/// <summary>Every <c>spec.a.b</c> in a page, an example or a message is a field of a custom resource.</summary>
public sealed partial class FieldNamesTests
{
    private static readonly string[] Folders = ["docs", "examples", "charts", "operator"];

    private static readonly string[] Endings = [".md", ".yaml", ".ldif", ".sql", ".conf", ".ext", ".cs"];

    private static readonly HashSet<string> Fields =
    [
        .. CustomResourceDefinition.All.SelectMany(static crd => crd.Schema.All())
            .Select(static node =>
                node.Path.Replace("[]", "", StringComparison.Ordinal).Replace(".*", "", StringComparison.Ordinal)),
    ];

    [Fact]
    public void Field_NamedInAText_Exists()
    {
        string[] named =
        [
            .. Folders.SelectMany(
                static folder => Directory.EnumerateFiles(Repository.Path(folder), "*", SearchOption.AllDirectories))
                .Where(static file => Endings.Contains(Path.GetExtension(file)) && !file.Contains(
                    $"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
                .SelectMany(static file => Field().Matches(File.ReadAllText(file)).Select(
                    match => (File: Path.GetRelativePath(Repository.Root, file), Name: match.Value)))
                .Where(static one => !Fields.Contains(one.Name)).Select(static one => $"{one.File}: {one.Name}"),
        ];

        Assert.Empty(named);
    }

    [GeneratedRegex(@"\bspec(\.[a-z][A-Za-z]*)+")]
    private static partial Regex Field();
}
