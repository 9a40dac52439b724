using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using MailOperator.Hosting;
using MailOperator.Kubernetes;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Chart;

/// <summary>The chart's values, their schema and the operator's options tell the same.</summary>
public sealed class ChartValuesTests
{
    private static readonly string Folder = Repository.Path("charts", "mail-operator");

    /// <summary>What the templates set themselves, from the release and the pod.</summary>
    private static readonly string[] SetByTheTemplates = ["namespace", "listenUrl", "leaderElection.leaseName"];

    /// <summary>Whole pieces of a pod, in which the user may write what Kubernetes knows.</summary>
    private static readonly string[] PiecesOfAPod = ["strategy", "resources", "podSecurityContext", "securityContext"];

    private static readonly JsonObject Values = YamlJson.ReadAll(Path.Combine(Folder, "values.yaml")).Single();

    private static readonly JsonObject Schema =
        JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "values.schema.json")))!.AsObject();

    [Fact]
    public void Values_AndTheirSchema_HaveTheSameNames()
    {
        string[] inSchema = [.. NamesOfSchema(Schema, "").Where(name => name != "global")]; // Helm's own

        Assert.Equal(inSchema.Order(StringComparer.Ordinal), NamesOfValues(Values, "").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Config_Names_AreTheOperatorsOptions()
    {
        JsonObject config = Values["config"]!.AsObject();

        Assert.Equal(
            NamesOfOptions(typeof(OperatorOptions), "").Except(SetByTheTemplates).Order(StringComparer.Ordinal),
            NamesOfValues(config, "").Where(name => name != "leaderElection").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Config_Values_AreTheOperatorsDefaults()
    {
        var options = new OperatorOptions();

        string[] different =
        [
            .. Different(Values["config"]!.AsObject(), options, ""),
            .. Different(Values["config"]!["leaderElection"]!.AsObject(), options.LeaderElection, "leaderElection."),
        ];

        Assert.Empty(different);
    }

    [Fact]
    public void Lease_OfTheDeployment_IsTheOneThatTheRoleAllows()
    {
        string role = File.ReadAllText(Path.Combine(Folder, "files", "role.yaml"));
        string deployment = File.ReadAllText(Path.Combine(Folder, "templates", "deployment.yaml"));
        string lease = new LeaderElectionOptions().LeaseName;

        Assert.Contains($"resourceNames: [{lease}]", role, StringComparison.Ordinal);
        Assert.Contains($"LeaderElection__LeaseName\n              value: {lease}\n", deployment, StringComparison.Ordinal);
    }

    [Fact]
    public void Value_Any_IsCommented()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Folder, "values.yaml"));
        var silent = new List<string>();
        string piece = "";
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimStart();
            int indent = lines[i].Length - line.Length;
            if (line.Length == 0 || line[0] is '#' or '-')
            {
                continue;
            }

            string name = line.Split(':')[0];
            piece = indent == 0 ? name : piece;
            bool isGroup = line.EndsWith(':');
            bool isCommented = i > 0 && lines[i - 1].TrimStart().StartsWith('#');
            if (!isCommented && !isGroup && !(indent > 0 && PiecesOfAPod.Contains(piece)))
            {
                silent.Add($"line {i + 1}: {name}");
            }
        }

        Assert.Empty(silent);
    }

    [Fact]
    public void Crds_OfTheChart_AreThoseOfTheRepository()
    {
        string[] names = [.. Directory.EnumerateFiles(Repository.Path("crds"), "*.yaml").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
        string folder = Path.Combine(Folder, "files", "crds");

        Assert.Equal(names, Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        Assert.All(names, name => Assert.Equal(File.ReadAllText(Repository.Path("crds", name)), File.ReadAllText(Path.Combine(folder, name))));
    }

    [Fact]
    public void Chart_Version_IsTheProducts()
    {
        JsonObject chart = YamlJson.ReadAll(Path.Combine(Folder, "Chart.yaml")).Single();

        Assert.Equal(ProductVersion.Value, (string)chart["appVersion"]!);
    }

    private static IEnumerable<string> NamesOfValues(JsonObject values, string prefix) =>
        values.SelectMany(pair => pair.Value is JsonObject { Count: > 0 } group && !PiecesOfAPod.Contains(pair.Key)
            ? NamesOfValues(group, $"{prefix}{pair.Key}.").Prepend(prefix + pair.Key)
            : [prefix + pair.Key]);

    private static IEnumerable<string> NamesOfSchema(JsonObject schema, string prefix) =>
        schema["properties"]!.AsObject().SelectMany(pair => pair.Value!["properties"] is not null
            ? NamesOfSchema(pair.Value.AsObject(), $"{prefix}{pair.Key}.").Prepend(prefix + pair.Key)
            : [prefix + pair.Key]);

    private static IEnumerable<string> NamesOfOptions(Type options, string prefix) =>
        options.GetProperties().SelectMany(property =>
            property.PropertyType == typeof(LeaderElectionOptions)
                ? NamesOfOptions(property.PropertyType, $"{prefix}{Camel(property)}.")
                : [prefix + Camel(property)]);

    private static IEnumerable<string> Different(JsonObject values, object options, string prefix) =>
        from property in options.GetType().GetProperties()
        let value = values[Camel(property)]
        where value is JsonValue
        let text = value.ToString()
        let wanted = string.Format(CultureInfo.InvariantCulture, "{0}", property.GetValue(options))
        where !string.Equals(text, wanted, StringComparison.OrdinalIgnoreCase)
        select $"{prefix}{Camel(property)}: {text}, the operator has {wanted}";

    private static string Camel(PropertyInfo property) => char.ToLowerInvariant(property.Name[0]) + property.Name[1..];
}
