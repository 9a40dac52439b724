using System.Text.Json;
using System.Text.Json.Nodes;

namespace MailOperator.Benchmarks.Figures;

/// <summary>A run for programs.</summary>
internal static class ResultsJson
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static string Of(Machine machine, IEnumerable<Row> rows) => new JsonObject
    {
        ["machine"] = JsonSerializer.SerializeToNode(machine, JsonSerializerOptions.Web),
        ["rows"] = new JsonArray([.. rows.Select(static row => (JsonNode)new JsonObject
        {
            ["part"] = row.Part,
            ["figure"] = row.Figure.Name,
            ["unit"] = row.Figure.Unit,
            ["measured"] = row.Measured,
            ["limit"] = row.Limit,
            ["ratio"] = row.Ratio,
            ["target"] = row.Figure.Target.Text(row.Figure.Unit),
            ["verdict"] = row.Verdict.ToString(),
            ["note"] = row.Note,
        })]),
    }.ToJsonString(Indented);
}
