using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>
/// Claims invitations like the portal: writes the hash of a password, on the version of the invitation that was read.
/// </summary>
internal static class PortalStub
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Takes a generated password, or one that the person typed.</summary>
    public static async Task<string> ClaimAsync(
        Cluster cluster, JsonObject invitation, string? chosen = null, DateTimeOffset? at = null)
    {
        string password = PersonalSecrets.NotePassword(chosen ?? RandomNumberGenerator.GetString(Letters, 32));
        JsonObject status = invitation["status"]!.DeepClone().AsObject();
        int workFactor = (int?)status["offer"]?["password"]!["workFactor"] ?? 4; // a closed link has no offer
        status["claim"] = new JsonObject
        {
            ["id"] = Guid.NewGuid().ToString("N"),
            ["at"] = Rfc3339.Format(at ?? TimeProvider.System.GetUtcNow()),
            ["selector"] = chosen is null ? password[..6] : RandomNumberGenerator.GetString(Letters, 6),
            ["isChosen"] = chosen is not null,
            ["hash"] = BCrypt.Net.BCrypt.HashPassword(password, BCrypt.Net.BCrypt.GenerateSalt(workFactor, 'y')),
        };
        var patch = new JsonArray(
            new JsonObject
            {
                ["op"] = "test",
                ["path"] = "/metadata/resourceVersion",
                ["value"] = invitation["metadata"]!["resourceVersion"]!.DeepClone(),
            },
            new JsonObject { ["op"] = "add", ["path"] = "/status", ["value"] = status });
        await cluster.Api.JsonPatchAsync(
            ApiGroup.DeviceInvitations,
            new ObjectKey((string)invitation["metadata"]!["namespace"]!, (string)invitation["metadata"]!["name"]!),
            "status", Encoding.UTF8.GetBytes(patch.ToJsonString()), TestContext.Current.CancellationToken);
        return password;
    }
}
