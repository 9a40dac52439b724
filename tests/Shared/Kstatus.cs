using System.Text.Json.Nodes;

namespace MailOperator.Tests;

/// <summary>
/// The status that Flux, kpt and similar tools compute for an object of an unknown kind: the generic rules of
/// sigs.k8s.io/cli-utils (pkg/kstatus/status), in their order.
/// </summary>
internal static class Kstatus
{
    public static string Of(JsonObject @object)
    {
        if (@object["metadata"]!["deletionTimestamp"] is not null)
        {
            return "Terminating";
        }

        if (@object["metadata"]!["generation"] is { } generation
            && @object["status"]?["observedGeneration"] is { } observed && (long)observed != (long)generation)
        {
            return "InProgress";
        }

        JsonNode[] conditions = [.. (@object["status"]?["conditions"]?.AsArray() ?? []).Select(static one => one!)];
        foreach (JsonNode condition in conditions.Where(static one => (string)one["status"]! == "True"))
        {
            switch ((string)condition["type"]!)
            {
                case "Reconciling":
                    return "InProgress";
                case "Stalled":
                    return "Failed";
            }
        }

        // Without both, Ready decides; without Ready an object counts as current.
        return conditions.FirstOrDefault(static one => (string)one["type"]! == "Ready") is not { } ready
            || (string)ready["status"]! == "True"
            ? "Current"
            : "InProgress";
    }
}
