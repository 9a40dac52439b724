using System.Reflection;
using System.Runtime.CompilerServices;
using MailOperator.Backends;

namespace MailOperator.UnitTests.Architecture;

/// <summary>Limits on the size of files, lines and parameter lists.</summary>
public sealed class ShapeTests
{
    private const int MaxLines = 300;

    private const int MaxMedianOfLines = 60;

    private const int MaxColumns = 120;

    private const int MaxConstructorParameters = 8;

    private const int MaxMethodParameters = 7;

    [Fact]
    public void Files_OfTheOperator_AreNotLong() =>
        AssertNone(
            $"Files have more than {MaxLines} lines",
            MaxLines,
            SourceFile.Operator.Select(static file => (file.Lines.Length, file.Path)));

    [Fact]
    public void Files_OfTheOperator_AreShortInTheMedian()
    {
        int[] lengths = [.. SourceFile.Operator.Select(static file => file.Lines.Length).Order()];

        Assert.InRange(lengths[lengths.Length / 2], 1, MaxMedianOfLines);
    }

    [Fact]
    public void Lines_OfCode_AreNotWide() =>
        AssertNone(
            $"Lines have more than {MaxColumns} columns",
            MaxColumns,
            SourceFile.Operator.Concat(SourceFile.In("tests")).SelectMany(Columns));

    [Fact]
    public void Lines_OfScripts_AreNotWide() =>
        AssertNone(
            $"Lines have more than {MaxColumns} columns",
            MaxColumns,
            SourceFile.In("tests", "*.sh").Concat(SourceFile.In("release", "*.sh"))
                .Concat(SourceFile.In(".ci", "run")).Concat(SourceFile.In("", "Makefile"))
                .SelectMany(Columns));

    [Fact]
    public void Lines_OfCommentsInYaml_AreNotWide() =>
        AssertNone(
            $"Lines have more than {MaxColumns} columns",
            MaxColumns,
            SourceFile.In("", "*.yaml").SelectMany(static file => Columns(file)
                .Where((_, at) => file.Lines[at].TrimStart().StartsWith('#')
                    || file.Lines[at].Contains(" # ", StringComparison.Ordinal))));

    [Fact]
    public void Constructors_OfTheOperator_TakeFewParameters() =>
        AssertNone(
            $"Constructors take more than {MaxConstructorParameters} parameters",
            MaxConstructorParameters,
            Types().SelectMany(static type => type.GetConstructors(CompiledReferences.Declared)).Select(Parameters));

    [Fact]
    public void Methods_OfTheOperator_TakeFewParameters() =>
        AssertNone(
            $"Methods take more than {MaxMethodParameters} parameters",
            MaxMethodParameters,
            Types().SelectMany(static type => type.GetMethods(CompiledReferences.Declared))
                .Where(static method => !IsSynthesized(method)).Select(Parameters));

    private static IEnumerable<(int Count, string Where)> Columns(SourceFile file) =>
        file.Lines.Select((line, at) => (line.EnumerateRunes().Count(), $"{file.Path}:{at + 1}"));

    /// <summary>Types of the operator, with the compiler's classes for lambdas.</summary>
    private static IEnumerable<Type> Types() => typeof(OperatorIdentity).Assembly.GetTypes()
        .Where(static type => NamespaceGraph.IsOurs(CompiledReferences.Outermost(type).Namespace));

    /// <summary>True for what the compiler adds to a record; false for lambdas and local functions.</summary>
    private static bool IsSynthesized(MethodInfo method) =>
        method.IsDefined(typeof(CompilerGeneratedAttribute)) && !method.Name.StartsWith('<');

    /// <summary>Does not count the closures that the compiler passes to a local function.</summary>
    private static (int Count, string Name) Parameters(MethodBase method) =>
        (method.GetParameters().Count(static one => !one.ParameterType.Name.StartsWith('<')),
            $"{method.DeclaringType!.FullName}{(method.IsConstructor ? "" : $".{method.Name}")}");

    private static void AssertNone(string problem, int max, IEnumerable<(int Count, string Where)> measured)
    {
        string[] offenders =
        [
            .. measured.Where(one => one.Count > max)
                .OrderByDescending(static one => one.Count).ThenBy(static one => one.Where, StringComparer.Ordinal)
                .Select(static one => $"{one.Count}  {one.Where}"),
        ];

        Assert.True(offenders.Length == 0, $"{problem} ({offenders.Length}):\n{string.Join('\n', offenders)}");
    }
}
