using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.MailDevices;
using MailOperator.Kubernetes;
using MailOperator.Tests.Infomaniak;

namespace MailOperator.IntegrationTests.Servers;

/// <summary>
/// Passwords made by Infomaniak, from the MailDevice to a server that follows the description of its API; every call is
/// checked against it.
/// </summary>
public sealed class InfomaniakTests : OperatorTest
{
    private readonly string _backend = $"infomaniak-{Guid.NewGuid().ToString("N")[..8]}";

    [Fact]
    public async Task Device_IssuedRotatedRenamedLeakedDeleted_IsFollowedByTheMailSystem()
    {
        await using InfomaniakServer server = await StartAsync();
        InfomaniakUser ada = server.Hosting.AddUser("ada");
        InfomaniakAccess legacy = server.Hosting.AddLegacy("alerts");
        await Cluster.CreateAsync(
            ApiGroup.MailUsers, Namespace, $"{{metadata: {{name: ada}}, spec: {{externalId: '{ada.Id}'}}}}");
        await CreateAsync(
            "app",
            "displayName: Grafana, deviceType: Computer, protocols: [IMAP, SMTP], userRef: {name: ada}, "
            + "rotation: {overlap: 15s}");
        await Bed.WaitForDeviceAsync(Key("app"), "Ready", "True", Reasons.Issued);
        DeviceSecret first = await Bed.SecretAsync(Key("app"));
        InfomaniakAccess made = Assert.Single(server.Hosting.Accesses, access => access != legacy);
        Assert.Equal(
            (first["password"], "imap", "computer", ada),
            (made.Password, made.Protocols, made.Device.Type, made.Device.User));
        Assert.StartsWith("Grafana [mailoperator ", made.Device.Label, StringComparison.Ordinal);
        Assert.Equal(("mail.infomaniak.com", "465"), (first["host"], first["port"]));

        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("app"), Annotations.Rotate, "now");
        await Bed.WaitForDeviceAsync(Key("app"), "Ready", "True", Reasons.Retiring);
        DeviceSecret second = await Bed.SecretAsync(Key("app"));
        Assert.True(server.Hosting.Accepts("alerts", "IMAP", first["password"]));
        Assert.True(server.Hosting.Accepts("alerts", "IMAP", second["password"]));
        await Bed.WaitForDeviceAsync(Key("app"), "Ready", "True", Reasons.Issued);
        Assert.False(server.Hosting.Accepts("alerts", "IMAP", first["password"]));

        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("app"), "{spec: {displayName: Prometheus}}");
        await Eventually.TrueAsync("the device has its new name", () => Task.FromResult(
            server.Hosting.Accesses.Single(access => access != legacy).Device.Label
                .StartsWith("Prometheus [mailoperator ", StringComparison.Ordinal)));
        Assert.True(server.Hosting.Accepts("alerts", "IMAP", second["password"])); // with the same password

        InfomaniakAccess current = server.Hosting.Accesses.Single(access => access != legacy);
        current.LastConnection = DateTimeOffset.UnixEpoch.AddDays(20_000);
        // Mutants: spam is reported as a leak; an alarm is reported for ever.
        await AlarmAsync(current, "leaked", Reasons.PasswordLeaked);
        await AlarmAsync(current, "spam", Reasons.SendsSpam);
        await AlarmAsync(current, "healthy", reason: null);
        JsonObject used = (await Cluster.FindAsync(ApiGroup.MailDevices, Key("app")))!;
        Assert.Equal("2024-10-04T00:00:00Z", (string)used["status"]!["lastUse"]!["time"]!);

        await EndAsync("app");
        Assert.Equal([legacy], server.Hosting.Accesses);
        Assert.Empty(server.Violations);
    }

    [Fact]
    public async Task Account_NotEligibleThenEligible_IsToldAndNotAskedAgainAndAgain()
    {
        await using InfomaniakServer server = await StartAsync();
        int asked = 0;
        server.Fault = request =>
        {
            asked += request.Path.Value!.Contains("/alerts/", StringComparison.Ordinal) ? 1 : 0;
            return InfomaniakFault.NotEligible;
        };
        await CreateAsync("early", "displayName: Early");
        await Bed.WaitForDeviceAsync(Key("early"), "Ready", "False", Reasons.BackendNotEligible);
        await Cluster.AnnotateAsync(
            ApiGroup.MailBackends, new ObjectKey("", _backend), Annotations.ReconcileRequestedAt, "now");
        await BackendAsync("False", Reasons.BackendNotEligible);
        await HandledAsync("early");
        int settled = asked;
        await RotatedAsync("meanwhile", overlap: 4);
        Assert.InRange(asked - settled, 0, 1); // retries after 1 s, 2 s and so on would be more

        server.Fault = static _ => null;
        await HandledAsync("early");
        await Bed.WaitForDeviceAsync(Key("early"), "Ready", "True", Reasons.Issued);
        await EndAsync("early");
        Assert.Empty(server.Violations);
    }

    [Fact]
    public async Task Device_ThatCannotBe_IsToldWhyAndAsksForNothing()
    {
        await using InfomaniakServer server = await StartAsync();
        await Cluster.CreateAsync(ApiGroup.MailUsers, Namespace, "{metadata: {name: bob}, spec: {displayName: Bob}}");
        await CreateAsync("reads", "protocols: [IMAP]");
        await CreateAsync("sends", "protocols: [SMTP]");
        await CreateAsync("resting", "suspended: true");
        await CreateAsync("somebodys", "userRef: {name: bob}");
        await CreateAsync("chosen", "password: {length: 40}");

        foreach ((string name, string says) in new[]
        {
            ("reads", "spec.protocols without SMTP"),
            ("sends", "only sends"),
            ("resting", "spec.suspended"),
            ("somebodys", "spec.externalId"),
            ("chosen", "spec.password"),
        })
        {
            JsonObject device = await Bed.WaitForDeviceAsync(Key(name), "Ready", "False", Reasons.Unsupported);
            Assert.Contains(says, (string)Status.Condition(device, "Ready")!["message"]!);
        }

        Assert.Empty(server.Hosting.Accesses);
        Assert.DoesNotContain(server.Exchanges, static exchange => exchange.Method == "POST");
        await EndAsync("reads", "sends", "resting", "somebodys", "chosen");
    }

    [Fact]
    public async Task Mailbox_RemovedAtTheProvider_BlocksTheRevocationUntilAPersonGivesItUp()
    {
        await using InfomaniakServer server = await StartAsync();
        await CreateAsync("left", "displayName: Left");
        await Bed.WaitForDeviceAsync(Key("left"), "Ready", "True", Reasons.Issued);

        server.Hosting.RemoveMailbox("alerts");
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("left"));

        JsonObject blocked = await Bed.WaitForDeviceAsync(
            Key("left"), "RevocationPending", "True", Reasons.RevocationBlocked);
        string uid = (string)blocked["metadata"]!["uid"]!;
        string message = (string)Status.Condition(blocked, "RevocationPending")!["message"]!;
        Assert.Contains("a removed mailbox took its passwords with it", message);
        Assert.Contains($"{Annotations.AbandonRevocation}: {uid}", message);
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("left"), Annotations.AbandonRevocation, uid);
        await Eventually.TrueAsync(
            "it is let go", async () => await Cluster.FindAsync(ApiGroup.MailDevices, Key("left")) is null);
        await EndAsync();
        Assert.Empty(server.Violations);
    }

    [Fact]
    public async Task AnswerLost_ToTheFirstCreation_LeavesOnePasswordAndNoneAfterTheDeletion()
    {
        // Mutant: a second password is made, and both stay.
        await using InfomaniakServer server = await StartAsync();
        int made = 0;
        server.Fault = request =>
            request.Method == "POST" && Interlocked.Increment(ref made) == 1 ? InfomaniakFault.LosesAnswer : null;
        await CreateAsync("unlucky", "displayName: Unlucky");
        await Bed.WaitForDeviceAsync(Key("unlucky"), "Ready", "True", Reasons.Issued);

        Assert.Equal(
            (await Bed.SecretAsync(Key("unlucky")))["password"], Assert.Single(server.Hosting.Accesses).Password);
        await EndAsync("unlucky");
        Assert.Empty(server.Hosting.Accesses);
        Assert.Empty(server.Violations);
    }

    /// <summary>The server with a mailbox, and a MailBackend with its Secret as documented.</summary>
    private async Task<InfomaniakServer> StartAsync()
    {
        InfomaniakServer server = await InfomaniakServer.StartAsync();
        server.Hosting.AddMailbox("alerts");
        await Cluster.CreateAsync(ResourceType.Secrets, ShippedRights.Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = _backend },
            ["stringData"] = new JsonObject { ["token"] = InfomaniakServer.Token },
        });
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", $$$"""
            metadata: {name: {{{_backend}}}}
            spec:
              infomaniak:
                serviceId: {{{InfomaniakHosting.Id}}}
                tokenSecret: {name: {{{_backend}}}}
                url: {{{server.Url}}}
              grants:
              - mailboxes: ["*@example.com"]
            """);
        return server;
    }

    private Task<JsonObject> CreateAsync(string name, string more) =>
        Cluster.CreateDeviceAsync(
            Namespace, name, $"{{mailbox: alerts@example.com, backendRef: {{name: {_backend}}}, {more}}}");

    /// <summary>Deletes the devices and then the backend, while the server can still revoke.</summary>
    private async Task EndAsync(params string[] devices)
    {
        foreach (string name in devices)
        {
            await Cluster.DeleteAsync(ApiGroup.MailDevices, Key(name));
        }

        foreach (string name in devices)
        {
            await Eventually.TrueAsync(
                $"{name} is gone", async () => await Cluster.FindAsync(ApiGroup.MailDevices, Key(name)) is null);
        }

        await Cluster.DeleteAsync(ApiGroup.MailBackends, new ObjectKey("", _backend));
        await Cluster.DeleteAsync(ResourceType.Secrets, new ObjectKey(ShippedRights.Namespace, _backend));
    }

    /// <summary>Rotates a device on another backend with an overlap of this many seconds.</summary>
    private async Task RotatedAsync(string name, int overlap)
    {
        await Cluster.CreateDeviceAsync(
            Namespace, name, $"{{mailbox: {name}@example.com, rotation: {{overlap: {overlap}s}}}}");
        await Bed.WaitForDeviceAsync(Key(name), "Ready", "True", Reasons.Issued);
        DeviceSecret first = await Bed.SecretAsync(Key(name));
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key(name), Annotations.Rotate, "now");
        await Eventually.TrueAsync($"{name} has the next password alone", async () =>
            (await Cluster.FindAsync(ApiGroup.MailDevices, Key(name)))!["status"]!["credentials"]!
                .AsArray() is [{ } only] && (string)only["id"]! != first["password"][..6]);
    }

    /// <summary>Sets the status of an access; waits until the device app and an Event report it.</summary>
    private async Task AlarmAsync(InfomaniakAccess access, string status, string? reason)
    {
        access.Status = status;
        await Eventually.TrueAsync($"Compromised tells that the access is {status}", async () =>
        {
            await HandledAsync("app"); // the list may be slightly older
            return (string?)Status.Condition(
                (await Cluster.FindAsync(ApiGroup.MailDevices, Key("app")))!, "Compromised")?["reason"] == reason;
        });
        if (reason is not null)
        {
            await Eventually.TrueAsync(
                $"a Warning event {reason}", async () => (await Cluster.ListAsync(ResourceType.Events, Namespace))
                    .Any(one => (string)one["reason"]! == reason && (string)one["type"]! == "Warning"));
        }
    }

    private Task<JsonObject> BackendAsync(string status, string reason) =>
        Eventually.GetAsync($"the MailBackend is {reason}", async () =>
            await Cluster.FindAsync(ApiGroup.MailBackends, new ObjectKey("", _backend)) is { } backend
            && Status.Condition(backend, "Ready") is { } ready && (string)ready["status"]! == status
            && (string)ready["reason"]! == reason
                ? backend
                : null);
}
