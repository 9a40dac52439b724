using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Monitoring;

/// <summary>The rules with shorter times, so that a test can wait for them. The conditions stay as they are.</summary>
internal static partial class ShortRules
{
    // What a test causes is younger, faster and rarer than what wakes people.
    private static readonly (string Alert, string Threshold, string Here)[] Thresholds =
    [
        ("MailRevocationPending", "> 900", "> 1"),
        ("MailOperatorWatchSilent", "> 300", "> 5"),
        ("MailBackendSlow", "> 5", "> 0.0001"),
        ("MailPasswordOld", "> 400 * 86400", "> 3"),
    ];

    public static string File { get; } = Repository.Path("charts", "mail-operator", "files", "alerts.yaml");

    public static JsonObject Read()
    {
        JsonObject rules = YamlJson.ReadAll(File).Single();
        foreach (JsonObject rule in Rules(rules))
        {
            rule["for"] = "0s";
            string expression = Range().Replace((string)rule["expr"]!, "[10s]");
            foreach ((_, string threshold, string here) in
                Thresholds.Where(one => one.Alert == (string)rule["alert"]!))
            {
                Assert.EndsWith(threshold, expression);
                expression = expression[..^threshold.Length] + here;
            }

            rule["expr"] = expression;
        }

        return rules;
    }

    public static IEnumerable<JsonObject> Rules(JsonObject file) =>
        file["groups"]!.AsArray().SelectMany(static group => group!["rules"]!.AsArray())
            .Select(static rule => rule!.AsObject());

    [GeneratedRegex(@"\[\d+m\]")]
    private static partial Regex Range();
}
