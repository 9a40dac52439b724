using System.Text.Json.Nodes;

namespace MailOperator.Tests;

/// <summary>The tables of docs/gitops.md: for each state of each kind, its health in Argo CD and its kstatus.</summary>
internal static class GitOpsPage
{
    /// <param name="Kind">From the heading above the table.</param>
    /// <param name="State">The name of the recorded state.</param>
    /// <param name="Health">The health in Argo CD.</param>
    /// <param name="Status">The status of kstatus, which Flux uses.</param>
    public sealed record Row(string Kind, string State, string Health, string Status);

    public static IReadOnlyList<Row> Rows { get; } = [.. Read()];

    private static IEnumerable<Row> Read()
    {
        string kind = "";
        foreach (string line in File.ReadLines(Repository.Path("docs", "gitops.md")))
        {
            if (line.StartsWith("### ", StringComparison.Ordinal))
            {
                kind = line[4..].Trim();
            }

            string[] cells = line.Split('|', StringSplitOptions.TrimEntries);
            if (cells.Length == 6 && cells[1] != "state" && !cells[1].StartsWith('-'))
            {
                yield return new Row(kind, cells[1], cells[2], cells[3]);
            }
        }
    }
}

/// <summary>Objects with the statuses that the operator writes, one for each state.</summary>
internal static class RecordedStates
{
    public static string FileOf(string kind) =>
        Repository.Path("tests", "recorded", $"{kind.ToLowerInvariant()}s.json");

    public static IReadOnlyDictionary<string, JsonObject> Of(string kind) =>
        JsonNode.Parse(File.ReadAllText(FileOf(kind)))!.AsObject()
            .ToDictionary(static pair => pair.Key, static pair => pair.Value!.AsObject());
}
