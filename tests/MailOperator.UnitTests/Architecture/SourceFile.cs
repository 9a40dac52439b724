using System.Text.RegularExpressions;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Architecture;

/// <summary>A text file of the repository. <see cref="Path"/> is relative to the repository's root.</summary>
internal sealed partial record SourceFile(string Path, string[] Lines)
{
    private static readonly string[] NotSources = ["bin", "obj", "artifacts", ".git"];

    public static IReadOnlyList<SourceFile> Operator { get; } = [.. In("operator")];

    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>Null for a file of top-level statements.</summary>
    public string? Namespace { get; } = Lines.Select(static line => NamespaceDeclaration().Match(line))
        .FirstOrDefault(static match => match.Success)?.Groups[1].Value;

    public static IEnumerable<SourceFile> In(string folder, string pattern = "*.cs") =>
        Directory.EnumerateFiles(Repository.Path(folder), pattern, SearchOption.AllDirectories)
            .Select(static file => System.IO.Path.GetRelativePath(Repository.Root, file))
            .Where(static file => !file.Split(System.IO.Path.DirectorySeparatorChar).Intersect(NotSources).Any())
            .Order(StringComparer.Ordinal)
            .Select(static file => new SourceFile(file, File.ReadAllLines(Repository.Path(file))));

    [GeneratedRegex(@"^namespace ([\w.]+)")]
    private static partial Regex NamespaceDeclaration();
}
