using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.MailDevices;
using MailOperator.Kubernetes;
using Microsoft.AspNetCore.Http;

namespace MailOperator.IntegrationTests.Servers;

/// <summary>
/// Passwords behind the webhook contract, from the MailDevice to the reference server; every call is checked against
/// the contract.
/// </summary>
public sealed class WebhookTests : OperatorTest
{
    private readonly string _backend = $"webhook-{Guid.NewGuid().ToString("N")[..8]}";

    [Fact]
    public async Task Device_IssuedRotatedSuspendedDeleted_IsFollowedByTheMailSystem()
    {
        await using WebhookServer server = await StartAsync("Protocols, SendRight, Networks, Expiry, ChosenPassword");
        await CreateAsync(
            "app", "app@example.com", "protocols: [SMTP], allowedNetworks: [10.0.0.0/8], rotation: {overlap: 15s}");
        await Bed.WaitForDeviceAsync(Key("app"), "Ready", "True", Reasons.Issued);
        DeviceSecret old = await Bed.SecretAsync(Key("app"));
        JsonObject slot = Assert.Single(await SlotsAsync(server, "app"));
        Assert.True(BCrypt.Net.BCrypt.Verify(old["password"], (string)slot["hash"]!));
        Assert.Equal(
            ("""["SMTP"]""", """["10.0.0.0/8"]""", $"{Namespace}/app"),
            (slot["protocols"]!.ToJsonString(), slot["allowedNetworks"]!.ToJsonString(), (string)slot["deviceName"]!));

        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("app"), Annotations.Rotate, "now");
        await Bed.WaitForDeviceAsync(Key("app"), "Ready", "True", Reasons.Retiring);
        DeviceSecret next = await Bed.SecretAsync(Key("app"));
        JsonObject[] both = await SlotsAsync(server, "app");
        Assert.Equal(
            new[] { old, next }.Select(static secret => secret["password"][..6]).Order(StringComparer.Ordinal),
            both.Select(static one => (string)one["selector"]!).Order(StringComparer.Ordinal));
        // The mail system ends it by itself.
        Assert.True(
            Assert.Single(both, one => (string)one["selector"]! == old["password"][..6]).ContainsKey("notAfter"));
        await Bed.WaitForDeviceAsync(Key("app"), "Ready", "True", Reasons.Issued);
        Assert.Equal(next["password"][..6], (string)Assert.Single(await SlotsAsync(server, "app"))["selector"]!);

        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("app"), "{spec: {suspended: true}}");
        await Bed.WaitForDeviceAsync(Key("app"), "Ready", "False", Reasons.Suspended);
        Assert.True((bool)Assert.Single(await SlotsAsync(server, "app"))["suspended"]!);

        await EndAsync("app");
        Assert.Empty(await SlotsAsync(server, "app"));
        Assert.DoesNotContain(server.Proxy.Exchanges, exchange =>
            exchange.Request.Text.Contains(old["password"], StringComparison.Ordinal)
            || exchange.Request.Text.Contains(next["password"], StringComparison.Ordinal));
        Assert.Empty(server.Proxy.Violations);
    }

    [Fact]
    public async Task Login_ThatTheMailServerNoted_ShowsInTheStatusOfTheDeviceThatItWas()
    {
        await using WebhookServer server = await StartAsync("Expiry, LastUse");
        await CreateAsync("used", "app@example.com", "displayName: Used");
        await CreateAsync("idle", "app@example.com", "displayName: Idle");
        await Bed.WaitForDeviceAsync(Key("used"), "Ready", "True", Reasons.Issued);
        await Bed.WaitForDeviceAsync(Key("idle"), "Ready", "True", Reasons.Issued);

        await server.NoteLoginAsync(
            (await Bed.SecretAsync(Key("used")))["password"][..6],
            new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        // Without waiting for a minute.
        await Cluster.AnnotateAsync(
            ApiGroup.MailBackends, new ObjectKey("", _backend), Annotations.ReconcileRequestedAt, "now");

        JsonObject used = await Eventually.GetAsync("the status shows the login", async () =>
            await Cluster.FindAsync(ApiGroup.MailDevices, Key("used")) is { } device
            && device["status"]!["lastUse"] is not null
                ? device
                : null);
        Assert.Equal("2026-11-24T12:00:00Z", (string)used["status"]!["lastUse"]!["time"]!);
        Assert.Null((await Cluster.FindAsync(ApiGroup.MailDevices, Key("idle")))!["status"]!["lastUse"]);
        await EndAsync("used", "idle");
        Assert.Empty(server.Proxy.Violations);
    }

    [Fact]
    public async Task Device_ThatCannotBe_IsToldWhy()
    {
        await using WebhookServer server = await StartAsync("Protocols");
        await CreateAsync("office", "app@example.com", "allowedNetworks: [10.0.0.0/8]");
        await CreateAsync("nobody", "app@elsewhere.example", "protocols: [IMAP]");

        JsonObject office = await Bed.WaitForDeviceAsync(Key("office"), "Ready", "False", Reasons.Unsupported);
        JsonObject nobody = await Bed.WaitForDeviceAsync(Key("nobody"), "Ready", "False", Reasons.MailboxNotFound);

        Assert.Contains("spec.allowedNetworks", (string)Status.Condition(office, "Ready")!["message"]!);
        Assert.Contains(
            "app@elsewhere.example is not in a domain of this server",
            (string)Status.Condition(nobody, "Ready")!["message"]!);
        Assert.DoesNotContain(
            server.Proxy.Exchanges,
            exchange => exchange.Path.Contains((string)office["metadata"]!["uid"]!, StringComparison.Ordinal));
        await EndAsync("office", "nobody");
        Assert.Empty(server.Proxy.Violations);
    }

    [Fact]
    public async Task AnswerLost_ThenNot_LeavesOnePasswordAndNoneAfterTheDeletion()
    {
        // Mutant: after a lost answer a second password is made, and both stay.
        await using WebhookServer server = await StartAsync("Expiry");
        int lost = 0;
        server.Proxy.LosesAnswer = request =>
            !HttpMethods.IsGet(request.Method) && Interlocked.Increment(ref lost) == 1;
        await CreateAsync("unlucky", "app@example.com", "displayName: Unlucky");
        await Bed.WaitForDeviceAsync(Key("unlucky"), "Ready", "True", Reasons.Issued);
        DeviceSecret secret = await Bed.SecretAsync(Key("unlucky"));
        await Eventually.TrueAsync("only its password is left", async () =>
            (await SlotsAsync(server, "unlucky")) is [var slot]
            && (string)slot["selector"]! == secret["password"][..6]);

        lost = 0;
        await EndAsync("unlucky");

        Assert.Empty(await SlotsAsync(server, "unlucky"));
        Assert.Empty(server.Proxy.Violations);
    }

    [Fact]
    public async Task Token_RefusedThenCorrected_IsSaidAndFollowedWithoutARestart()
    {
        await using WebhookServer server = await StartAsync("Expiry", token: "wrong");
        await BackendAsync("False", Reasons.BackendUnauthorized);
        await CreateAsync("late", "app@example.com", "displayName: Late");
        await Bed.WaitForDeviceAsync(Key("late"), "Ready", "False", Reasons.BackendUnauthorized);

        await Cluster.MergeAsync(
            ResourceType.Secrets, new ObjectKey(ShippedRights.Namespace, _backend),
            $"{{stringData: {{token: {WebhookServer.Token}}}}}");

        await Bed.WaitForDeviceAsync(Key("late"), "Ready", "True", Reasons.Issued);
        await Cluster.AnnotateAsync(
            ApiGroup.MailBackends, new ObjectKey("", _backend), Annotations.ReconcileRequestedAt, "now");
        await BackendAsync("True", Reasons.BackendReady);
        await EndAsync("late");
    }

    /// <summary>The reference server, and a MailBackend with its Secret as documented.</summary>
    private async Task<WebhookServer> StartAsync(string capabilities, string token = WebhookServer.Token)
    {
        WebhookServer server = await WebhookServer.StartAsync();
        await Cluster.CreateAsync(ResourceType.Secrets, ShippedRights.Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = _backend },
            ["stringData"] = new JsonObject { ["token"] = token },
        });
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", $$$"""
            metadata: {name: {{{_backend}}}}
            spec:
              webhook:
                url: {{{server.Proxy.Url}}}
                authSecret: {name: {{{_backend}}}}
                capabilities: [{{{capabilities}}}]
              client:
                imap: {host: 127.0.0.1, port: 143, security: None}
                smtp: {host: 127.0.0.1, port: 587, security: None}
              hashing: {workFactor: 4}
              grants:
              - mailboxes: ["*@example.com", "*@elsewhere.example"]
            """);
        return server;
    }

    private Task<JsonObject> CreateAsync(string name, string mailbox, string more) =>
        Cluster.CreateDeviceAsync(Namespace, name, $"{{mailbox: {mailbox}, backendRef: {{name: {_backend}}}, {more}}}");

    /// <summary>Deletes the devices and then the backend, while the server can still revoke.</summary>
    private async Task EndAsync(params string[] devices)
    {
        foreach (string name in devices)
        {
            await Cluster.DeleteAsync(ApiGroup.MailDevices, Key(name));
            await Eventually.TrueAsync(
                $"{name} is gone", async () => await Cluster.FindAsync(ApiGroup.MailDevices, Key(name)) is null);
        }

        await Cluster.DeleteAsync(ApiGroup.MailBackends, new ObjectKey("", _backend));
        await Cluster.DeleteAsync(ResourceType.Secrets, new ObjectKey(ShippedRights.Namespace, _backend));
    }

    private Task<JsonObject> BackendAsync(string status, string reason) =>
        Eventually.GetAsync($"the MailBackend is {reason}", async () =>
            await Cluster.FindAsync(ApiGroup.MailBackends, new ObjectKey("", _backend)) is { } backend
            && Status.Condition(backend, "Ready") is { } ready && (string)ready["status"]! == status
            && (string)ready["reason"]! == reason
                ? backend
                : null);

    /// <summary>The device's slots in the mail system.</summary>
    private async Task<JsonObject[]> SlotsAsync(WebhookServer server, string device)
    {
        string rows = await Shell.RunAsync("python3", "-c", """
            import sqlite3, sys
            query = "SELECT slot FROM slots WHERE json_extract(slot, '$.deviceName') = ?"
            rows = sqlite3.connect(sys.argv[1]).execute(query, (sys.argv[2],))
            print("[" + ",".join(row[0] for row in rows) + "]")
            """, Path.Combine(server.Folder, "slots.sqlite"), $"{Namespace}/{device}");
        return [.. JsonNode.Parse(rows)!.AsArray().Select(static slot => slot!.AsObject())];
    }
}
