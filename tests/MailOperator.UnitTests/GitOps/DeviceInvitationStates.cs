using System.Text.Json.Nodes;
using MailOperator.Api;

namespace MailOperator.UnitTests.GitOps;

/// <summary>A DeviceInvitation in each state, with the status that the operator's code makes for it.</summary>
internal static class DeviceInvitationStates
{
    public static JsonObject All() => new()
    {
        ["not seen yet"] = new JsonObject
        {
            ["apiVersion"] = ApiGroup.DeviceInvitations.ApiVersion,
            ["kind"] = ApiGroup.DeviceInvitations.Kind,
            ["metadata"] = new JsonObject { ["name"] = "ada-phone", ["namespace"] = "shop", ["generation"] = 1 },
            ["spec"] = new JsonObject { ["mailbox"] = "ada@example.com", ["userRef"] = new JsonObject { ["name"] = "ada" } },
            ["status"] = new JsonObject { ["observedGeneration"] = -1 }, // the schema's default
        },
    };
}
