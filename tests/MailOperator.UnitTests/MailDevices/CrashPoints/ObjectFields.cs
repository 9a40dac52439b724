using System.Text;
using System.Text.Json.Nodes;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>Reads single fields of objects as the API server has them.</summary>
internal static class ObjectFields
{
    /// <summary>Whether a condition is True, False or Unknown; null if there is none of the type.</summary>
    public static string? Condition(JsonNode? status, string type) =>
        status?["conditions"]?.AsArray().FirstOrDefault(
            one => one!["type"]!.GetValue<string>() == type)?["status"]?.GetValue<string>();

    /// <summary>A value of a Secret's data as text; null if it is not there.</summary>
    public static string? Text(JsonObject? data, string key) => data?[key] is { } value
        ? Encoding.UTF8.GetString(Convert.FromBase64String(value.GetValue<string>()))
        : null;
}
