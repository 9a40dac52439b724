using System.Text.Json;
using System.Text.Json.Nodes;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.GitOps;

/// <summary>
/// Runs the health scripts of examples/argocd as Argo CD does: in Lua 5.1, the object in the global <c>obj</c>, a table
/// with <c>status</c> and <c>message</c> as the answer.
/// </summary>
internal static class HealthScripts
{
    private const string KeyPrefix = "resource.customizations.health.mailoperator.io_";

    // Argo CD gives a script only the base and table libraries.
    private const string Runner = """
        local function judge(script, object)
          local sandbox = {
            ipairs = ipairs, pairs = pairs, type = type, tostring = tostring, table = table, obj = object
          }
          local health = setfenv(assert(loadstring(script)), sandbox)()
          assert(type(health.message) == "string", "a health without a message")
          print(health.status)
        end

        """;

    public static IReadOnlyList<string> Kinds => [.. Data.Select(static pair => pair.Key[KeyPrefix.Length..])];

    /// <summary>The health of each object, in the same order.</summary>
    public static async Task<IReadOnlyList<string>> RunAsync(IEnumerable<JsonObject> objects)
    {
        string program = Runner + string.Concat(objects.Select(static @object =>
            $"judge({Lua((string)Data[KeyPrefix + (string)@object["kind"]!]!)}, {Lua(@object)})\n"));
        (int exitCode, string output, string errors) = await Shell.TryAsync("lua5.1", ["-"], program);
        Assert.True(exitCode == 0, errors);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static JsonObject Data =>
        YamlJson.ReadAll(Repository.Path("examples", "argocd", "argocd-cm.yaml")).Single()["data"]!.AsObject();

    private static string Lua(JsonNode? node) => node switch
    {
        null => "nil",
        JsonObject map => $"{{{string.Join(',', map.Select(static pair => $"[{Lua(pair.Key)}]={Lua(pair.Value)}"))}}}",
        JsonArray list => $"{{{string.Join(',', list.Select(Lua))}}}",
        _ when node.GetValueKind() == JsonValueKind.String => Lua((string)node!),
        _ => node.ToJsonString(),
    };

    private static string Lua(string text) => $"\"{string.Concat(text.Select(Escaped))}\"";

    private static string Escaped(char one) =>
        char.IsAsciiLetterOrDigit(one) || one > 127 ? $"{one}" : $"\\{(int)one:D3}";
}
