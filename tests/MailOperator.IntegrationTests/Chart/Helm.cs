using System.Text.Json.Nodes;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Chart;

/// <summary>Renders the chart with helm. A test that uses it is skipped if there is no helm.</summary>
internal static class Helm
{
    private static readonly Lazy<Task<(string? Program, string Problem)>> Found = new(FindAsync);

    public static string Chart => Repository.Path("charts", "mail-operator");

    /// <summary>The objects of the release <c>mail</c> in the namespace <c>post</c>.</summary>
    public static async Task<IReadOnlyList<JsonObject>> RenderAsync(params string[] values)
    {
        (int exitCode, string output, string errors) = await TryAsync(
            ["template", "mail", Chart, "--namespace", "post", .. Set(values)]);
        Assert.True(exitCode == 0, errors);
        return YamlJson.ParseAll(output);
    }

    public static string[] Set(params string[] values) => [.. values.SelectMany(value => (string[])["--set", value])];

    public static async Task<(int ExitCode, string Output, string Errors)> TryAsync(string[] arguments)
    {
        (string? program, string problem) = await Found.Value;
        if (program is null)
        {
            Assert.Skip($"There is no helm. {problem}");
        }

        return await Shell.TryAsync(program, arguments);
    }

    private static async Task<(string? Program, string Problem)> FindAsync()
    {
        (int exitCode, string output, string errors) = await Shell.TryAsync(
            Repository.Path("tests", "servers", "helm.sh"), []);
        return (exitCode == 0 ? output.Trim() : null, errors.Trim());
    }
}
