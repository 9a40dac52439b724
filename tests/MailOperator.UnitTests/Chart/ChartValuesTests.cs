using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using MailOperator.Hosting;
using MailOperator.Kubernetes;
using MailOperator.Portal;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Chart;

/// <summary>The chart agrees with the operator: options, lease and CRDs.</summary>
public sealed class ChartValuesTests
{
    private static readonly string Folder = Repository.Path("charts", "mail-operator");

    /// <summary>Options that the templates set, from the release and the pod.</summary>
    private static readonly string[] SetByTheTemplates = ["namespace", "listenUrl", "leaderElection.leaseName"];

    /// <summary>Parts of a pod, in which every field of Kubernetes is allowed.</summary>
    private static readonly string[] PiecesOfAPod = ["strategy", "resources", "podSecurityContext", "securityContext"];

    private static readonly JsonObject Values = YamlJson.ReadAll(Path.Combine(Folder, "values.yaml")).Single();

    [Fact]
    public void Config_Names_AreTheOperatorsOptions()
    {
        JsonObject config = Values["config"]!.AsObject();

        Assert.Equal(
            NamesOfOptions(typeof(OperatorOptions), "").Except(SetByTheTemplates).Order(StringComparer.Ordinal),
            NamesOfValues(config).Order(StringComparer.Ordinal));
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
    public void PortalConfig_IsThePortalsOptions_WithTheirDefaults()
    {
        string[] setByTheTemplate = ["listenUrl", "managementUrl", "profileCertificateFile", "profileKeyFile"];
        JsonObject config = Values["portal"]!["config"]!.AsObject();

        Assert.Equal(
            typeof(PortalOptions).GetProperties().Where(property => property.CanWrite).Select(Camel)
                .Except(setByTheTemplate).Order(StringComparer.Ordinal),
            config.Select(pair => pair.Key).Order(StringComparer.Ordinal));
        Assert.Empty(Different(config, new PortalOptions(), "portal."));
    }

    [Fact]
    public void Lease_OfTheDeployment_IsTheOneThatTheRoleAllows()
    {
        string role = File.ReadAllText(Path.Combine(Folder, "files", "role.yaml"));
        string deployment = File.ReadAllText(Path.Combine(Folder, "templates", "deployment.yaml"));
        string lease = new LeaderElectionOptions().LeaseName;

        Assert.Contains($"resourceNames: [{lease}]", role, StringComparison.Ordinal);
        Assert.Contains(
            $"LeaderElection__LeaseName\n              value: {lease}\n", deployment, StringComparison.Ordinal);
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

    /// <summary>Copies, because an archive of one folder of Git has no links. UPDATE_DOCS=1 copies anew.</summary>
    [Fact]
    public void Crds_OfTheChart_AreThoseOfTheRepository()
    {
        string copies = Path.Combine(Folder, "files", "crds");
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            foreach (string file in Directory.EnumerateFiles(Repository.Path("crds")))
            {
                File.Copy(file, Path.Combine(copies, Path.GetFileName(file)), overwrite: true);
            }
        }

        Assert.Null(new DirectoryInfo(copies).LinkTarget);
        Assert.Equal(Texts(Repository.Path("crds")), Texts(copies));
    }

    private static IEnumerable<string> NamesOfValues(JsonObject values, string prefix = "") =>
        values.SelectMany(pair =>
            pair.Value is JsonObject group ? NamesOfValues(group, $"{prefix}{pair.Key}.") : [prefix + pair.Key]);

    private static IEnumerable<string> NamesOfOptions(Type options, string prefix) =>
        options.GetProperties().Where(static property => property.CanWrite).SelectMany(property =>
            property.PropertyType == typeof(LeaderElectionOptions) || property.PropertyType == typeof(SmtpOptions)
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

    private static IEnumerable<(string Name, string Text)> Texts(string folder) =>
        Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)
            .Select(file => (Path.GetFileName(file), File.ReadAllText(file)));

    private static string Camel(PropertyInfo property) => char.ToLowerInvariant(property.Name[0]) + property.Name[1..];
}
