using System.Text;
using System.Text.Json.Nodes;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>A Secret as an application mounts it.</summary>
internal sealed class DeviceSecret(JsonObject secret)
{
    public JsonObject Json => secret;

    public string ResourceVersion => (string)secret["metadata"]!["resourceVersion"]!;

    public IEnumerable<string> Keys => secret["data"]!.AsObject().Select(static entry => entry.Key);

    public string this[string key] => Encoding.UTF8.GetString(Convert.FromBase64String((string)secret["data"]![key]!));
}

/// <summary>Reads statuses.</summary>
internal static class Status
{
    public static JsonObject? Condition(JsonObject @object, string type) =>
        @object["status"]?["conditions"]?.AsArray().FirstOrDefault(
            condition => (string)condition!["type"]! == type)?.AsObject();
}
