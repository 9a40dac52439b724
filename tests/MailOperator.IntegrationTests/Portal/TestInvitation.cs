using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.DeviceInvitations;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Portal;

/// <summary>An invitation on the real API server. The test writes the status in place of the operator.</summary>
internal sealed class TestInvitation(Cluster cluster, ObjectKey key, string token)
{
    public string Token => token;

    public static async Task<TestInvitation> CreateAsync(
        Cluster cluster,
        string @namespace,
        string name,
        string chosen = "Denied",
        DateTimeOffset? expiresAt = null,
        string mailbox = "anna@example.com",
        string security = "TLS")
    {
        string token = PersonalSecrets.NoteToken(
            System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));
        await cluster.CreateAsync(ApiGroup.DeviceInvitations, @namespace, $$"""
            metadata: {name: {{name}}}
            spec: {mailbox: {{mailbox}}, userRef: {name: anna}, chosenPassword: {{chosen}}}
            """);
        var invitation = new TestInvitation(cluster, new ObjectKey(@namespace, name), token);
        await invitation.PatchAsync($$"""
            tokenHash: {{LinkUrl.HashOf(token)}}
            expiresAt: "{{Rfc3339.Format(expiresAt ?? TimeProvider.System.GetUtcNow().AddDays(30))}}"
            conditions:
            - {type: Ready, status: "True", reason: LinkReady, message: m, lastTransitionTime: "2026-01-01T00:00:00Z"}
            offer:
              mailbox: {{mailbox}}
              username: {{mailbox}}
              deviceName: Anna's phone
              deviceType: Phone
              holder: Anna Müller
              protocols: [IMAP, POP3, SMTP]
              client:
                imap: {host: imap.example.com, port: 993, security: {{security}}}
                pop3: {host: pop.example.com, port: 995, security: {{security}}}
                smtp: {host: submission.example.com, port: 587, security: STARTTLS}
              password: {length: 32, alphabet: Alphanumeric, workFactor: 4, chosen: {{chosen}}}
            """);
        return invitation;
    }

    /// <summary>Sets the condition Claimed, as the operator does.</summary>
    public Task ClaimedAsync(string status, string reason) => PatchAsync($$"""
        conditions:
        - {type: Ready, status: "False", reason: Claimed, message: m, lastTransitionTime: "2026-01-01T00:00:00Z"}
        - type: Claimed
          status: "{{status}}"
          reason: {{reason}}
          message: m
          lastTransitionTime: "2026-01-01T00:00:00Z"
        """);

    public async Task<JsonNode?> ClaimAsync() =>
        (await cluster.FindAsync(ApiGroup.DeviceInvitations, key))!["status"]!["claim"];

    public Task<JsonNode> WaitForClaimAsync() => Eventually.GetAsync("a claim is written", ClaimAsync);

    public Task DeleteAsync() => cluster.DeleteAsync(ApiGroup.DeviceInvitations, key);

    private async Task PatchAsync(string statusYaml)
    {
        JsonObject status =
            (await cluster.FindAsync(ApiGroup.DeviceInvitations, key))!["status"]?.DeepClone().AsObject() ?? [];
        foreach ((string name, JsonNode? value) in YamlJson.Parse(statusYaml)!.AsObject())
        {
            status[name] = value?.DeepClone();
        }

        var patch = new JsonArray(new JsonObject { ["op"] = "add", ["path"] = "/status", ["value"] = status });
        await cluster.Api.JsonPatchAsync(
            ApiGroup.DeviceInvitations, key, "status", Encoding.UTF8.GetBytes(patch.ToJsonString()),
            TestContext.Current.CancellationToken);
    }
}
