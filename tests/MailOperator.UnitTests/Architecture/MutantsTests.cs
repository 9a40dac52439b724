using MailOperator.Tests;

namespace MailOperator.UnitTests.Architecture;

/// <summary>
/// The mutants in <c>tests/mutants</c> fit the code, so that <c>make mutants</c> does not find that out after months.
/// </summary>
public sealed class MutantsTests
{
    private const string Prefix = "MailOperator.UnitTests.";

    public static TheoryData<string> Mutants { get; } =
    [
        .. Directory.EnumerateFiles(Repository.Path("tests", "mutants"), "*.patch").Order(StringComparer.Ordinal)
            .Select(static file => Path.GetFileNameWithoutExtension(file)),
    ];

    /// <summary>The mutants: code under a patch changes, or a test that kills it gets another name.</summary>
    [Theory]
    [MemberData(nameof(Mutants))]
    public void Patch_InTheRepository_FitsTheCodeAndNamesItsTests(string mutant)
    {
        string[] lines = File.ReadAllLines(Repository.Path("tests", "mutants", $"{mutant}.patch"));

        Assert.StartsWith("Rule: ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("Tests: ", lines[1], StringComparison.Ordinal);
        Assert.All(lines[1]["Tests: ".Length..].Split(", "), AssertIsTest);
        Assert.NotEmpty(Hunks(lines));
        Assert.All(Hunks(lines), static hunk => AssertFits(hunk.File, hunk.Lines));
    }

    private static void AssertIsTest(string name)
    {
        int dot = name.LastIndexOf('.');
        Type? type = typeof(MutantsTests).Assembly.GetType(Prefix + name[..dot]);

        Assert.True(type?.GetMethod(name[(dot + 1)..]) is not null, $"There is no test {name}");
    }

    private static void AssertFits(string file, string[] hunk)
    {
        string[] before = [.. hunk.Where(static line => line[0] is ' ' or '-').Select(static line => line[1..])];
        string[] code = File.ReadAllLines(Repository.Path(file));

        Assert.Contains(hunk, static line => line[0] is '+' or '-');
        Assert.True(
            Enumerable.Range(0, code.Length - before.Length + 1).Count(at =>
                code.AsSpan(at, before.Length).SequenceEqual(before)) == 1,
            $"{file} does not have these lines, or more than once:\n{string.Join('\n', before)}");
    }

    private static List<(string File, string[] Lines)> Hunks(string[] lines)
    {
        var hunks = new List<(string, string[])>();
        string file = "";
        for (int at = 0; at < lines.Length; at++)
        {
            if (lines[at].StartsWith("--- a/", StringComparison.Ordinal))
            {
                file = lines[at]["--- a/".Length..];
            }
            else if (lines[at].StartsWith("@@ ", StringComparison.Ordinal))
            {
                hunks.Add((file, [.. lines.Skip(at + 1).TakeWhile(static line =>
                    line is [' ' or '+' or '-', ..] && !line.StartsWith("--- a/", StringComparison.Ordinal))]));
            }
        }

        return hunks;
    }
}
