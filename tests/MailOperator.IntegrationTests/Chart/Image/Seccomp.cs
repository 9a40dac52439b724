using System.Text.Json.Nodes;

namespace MailOperator.IntegrationTests.Chart.Image;

/// <summary>
/// What <c>seccompProfile: RuntimeDefault</c> means for a container without capabilities: the profile that Debian ships
/// for container engines, in the form of the OCI runtime specification.
/// </summary>
internal static class Seccomp
{
    private const string Profile = "/usr/share/containers/seccomp.json";

    public static JsonObject RuntimeDefault()
    {
        JsonObject profile = JsonNode.Parse(File.ReadAllText(Profile))!.AsObject();
        var rules = profile["syscalls"]!.AsArray()
            .Where(static rule => rule!["includes"]?["caps"] is null && IsForThisMachine(rule))
            .Select(static rule =>
            {
                var copy = new JsonObject
                {
                    ["names"] = rule!["names"]!.DeepClone(),
                    ["action"] = rule["action"]!.DeepClone(),
                };
                if (rule["errnoRet"] is { } errno)
                {
                    copy["errnoRet"] = errno.DeepClone();
                }

                if (rule["args"] is JsonArray { Count: > 0 } arguments)
                {
                    copy["args"] = arguments.DeepClone();
                }

                return (JsonNode)copy;
            });
        return new JsonObject
        {
            ["defaultAction"] = profile["defaultAction"]!.DeepClone(),
            ["defaultErrnoRet"] = profile["defaultErrnoRet"]!.DeepClone(),
            ["architectures"] = new JsonArray("SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"),
            ["syscalls"] = new JsonArray([.. rules]),
        };
    }

    private static bool IsForThisMachine(JsonNode? rule) =>
        rule!["includes"]?["arches"] is not JsonArray architectures
        || architectures.Any(static one => (string)one! is "amd64");
}
