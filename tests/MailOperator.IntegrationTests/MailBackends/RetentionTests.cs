using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.MailDevices;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailBackends;

/// <summary>Passwords whose device is gone end as the platform says, and count until then.</summary>
public sealed class RetentionTests : OperatorTest
{
    private readonly string _backend = $"retention-{Guid.NewGuid().ToString("N")[..8]}";

    private ObjectKey BackendKey => new("", _backend);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Devices_CreatedReadAndRemovedAgain_KeepToQuotaAndMaximum(bool byForce)
    {
        // Mutant: count devices alone, or leave what is left to the grace: passwords that work for ever.
        await CreateBackendAsync(
            "{grants: [{mailboxes: ['team@example.com'], maxDevicesPerMailbox: 1, retention: Allowed}], "
            + "expiry: {maximum: 30s}}");
        foreach (string name in (string[])["one", "two"])
        {
            await CreateDeviceAsync(name, "team@example.com", byForce ? "Revoke" : "Retain");
            await Bed.WaitForDeviceAsync(Key(name), "Ready", "True");
            DeviceSecret secret = await Bed.SecretAsync(Key(name));
            await RemoveAsync(name, byForce);
            Assert.True(await Bed.ImapAsync(secret));

            await CreateDeviceAsync($"{name}-next", "team@example.com");
            await Bed.WaitForDeviceAsync(Key($"{name}-next"), "Ready", "False", Reasons.QuotaExceeded);
            await Cluster.DeleteAsync(ApiGroup.MailDevices, Key($"{name}-next"));
            await Eventually.TrueAsync(
                "the password is refused after the maximum", TimeSpan.FromSeconds(60),
                async () => !await Bed.ImapAsync(secret));
        }
    }

    [Fact]
    public async Task Device_WaitsForAnOrphansPlace_GetsItOnceAPersonHasItRemoved()
    {
        await CreateBackendAsync(
            "{grants: [{mailboxes: ['team@example.com'], maxDevicesPerMailbox: 2}], orphans: {grace: 1s}}");
        DeviceSecret[] secrets = new DeviceSecret[2];
        for (int number = 0; number < 2; number++)
        {
            await CreateDeviceAsync($"gone-{number}", "team@example.com");
            await Bed.WaitForDeviceAsync(Key($"gone-{number}"), "Ready", "True");
            secrets[number] = await Bed.SecretAsync(Key($"gone-{number}"));
        }

        await RemoveAsync("gone-0", byForce: true);
        await RemoveAsync("gone-1", byForce: true);
        await CreateDeviceAsync("next", "team@example.com");
        await Bed.WaitForDeviceAsync(Key("next"), "Ready", "False", Reasons.QuotaExceeded);
        JsonObject held = await Eventually.GetAsync("both wait for a person's word", async () =>
            await Cluster.FindAsync(ApiGroup.MailBackends, BackendKey) is { } found
            && Status.Condition(found, ConditionTypes.OrphansHeld) is not null ? found : null);
        string message = (string)Status.Condition(held, ConditionTypes.OrphansHeld)!["message"]!;
        Assert.Contains($"\"{Namespace}=2\"", message, StringComparison.Ordinal);
        Assert.True(await Bed.ImapAsync(secrets[0]));

        await Cluster.AnnotateAsync(
            ApiGroup.MailBackends, BackendKey, Annotations.RemoveOrphans, $"{Namespace}=2");

        await Bed.WaitForDeviceAsync(Key("next"), "Ready", "True");
        Assert.False(await Bed.ImapAsync(secrets[0]));
        Assert.False(await Bed.ImapAsync(secrets[1]));
    }

    [Fact]
    public async Task Retained_APersonOrTheGrantEndsIt_IsRefusedAndLeavesTheStatus()
    {
        await CreateBackendAsync(
            "{grants: [{mailboxes: ['*@example.com'], retention: Allowed}], grantWithdrawn: Revoke}");
        DeviceSecret asked = await RetainAsync("asked"), withdrawn = await RetainAsync("withdrawn");
        JsonObject listed = await Eventually.GetAsync("both are listed", async () =>
            await Cluster.FindAsync(ApiGroup.MailBackends, BackendKey) is { } found
            && (int?)found["status"]?["retainedSlots"] == 2 ? found : null);
        JsonNode first = listed["status"]!["retained"]!.AsArray()
            .Single(static one => (string)one!["device"]! == "asked")!;
        Assert.Equal((Namespace, "asked@example.com"), ((string)first["namespace"]!, (string)first["mailbox"]!));

        await Cluster.AnnotateAsync(
            ApiGroup.MailBackends, BackendKey, Annotations.EndRetained, (string)first["id"]!);
        await Eventually.TrueAsync("the one that was named is refused", async () => !await Bed.ImapAsync(asked));
        Assert.True(await Bed.ImapAsync(withdrawn));
        await Eventually.TrueAsync("an event tells of it", async () =>
            (await Cluster.ListAsync(ResourceType.Events, "default")).Any(one =>
                (string)one["reason"]! == Reasons.RetainedEnded
                && (string)one["involvedObject"]!["name"]! == _backend));

        await Bed.ChangeBackendAsync(_backend, "{spec: {grants: [{mailboxes: ['*@example.com']}]}}");
        await Eventually.TrueAsync("the other one is refused", async () => !await Bed.ImapAsync(withdrawn));
        await Eventually.TrueAsync("the status lists none", async () =>
            (int?)(await Cluster.FindAsync(ApiGroup.MailBackends, BackendKey))!["status"]!["retainedSlots"] == 0);
    }

    [Fact]
    public async Task Retained_WhileItsMailBackendIsBeingDeleted_StillEnds()
    {
        // Mutant: a MailBackend in deletion is not probed. The password would work until the last device is gone.
        await CreateBackendAsync("{grants: [{mailboxes: ['*@example.com'], retention: Allowed}]}");
        DeviceSecret kept = await RetainAsync("kept");
        await CreateDeviceAsync("holds", "holds@example.com");
        await Bed.WaitForDeviceAsync(Key("holds"), "Ready", "True");
        DeviceSecret holds = await Bed.SecretAsync(Key("holds"));
        JsonObject listed = await Eventually.GetAsync("it is listed", async () =>
            await Cluster.FindAsync(ApiGroup.MailBackends, BackendKey) is { } found
            && (int?)found["status"]?["retainedSlots"] == 1 ? found : null);
        await Cluster.DeleteAsync(ApiGroup.MailBackends, BackendKey);

        await Cluster.AnnotateAsync(
            ApiGroup.MailBackends, BackendKey, Annotations.EndRetained,
            (string)listed["status"]!["retained"]![0]!["id"]!);

        await Eventually.TrueAsync("it is refused", async () => !await Bed.ImapAsync(kept));
        Assert.True(await Bed.ImapAsync(holds));
        JsonObject deleted = (await Cluster.FindAsync(ApiGroup.MailBackends, BackendKey))!;
        Assert.Equal(Reasons.BackendInUse, (string)Status.Condition(deleted, ConditionTypes.Ready)!["reason"]!);
    }

    [Fact]
    public async Task MailBackend_WithAWindowInNoTimeZone_IsNotReadyAndDevicesKeepTheirsAndEnd()
    {
        // Mutant: take any problem for every device's. Nothing could be ended until the zone is corrected.
        await CreateBackendAsync("{grants: [{mailboxes: ['*@example.com']}]}");
        await CreateDeviceAsync("web", "web@example.com");
        await Bed.WaitForDeviceAsync(Key("web"), "Ready", "True");
        DeviceSecret secret = await Bed.SecretAsync(Key("web"));

        await Cluster.MergeAsync(
            ApiGroup.MailBackends, BackendKey,
            "{spec: {rotation: {window: {cron: '0 2 * * *', duration: 4h, timeZone: CEST}}, dovecot: {doveadm: "
            + "[{url: 'http://127.0.0.1:9/doveadm/v1', credentialsSecret: {name: missing}}]}}}");
        await NotReadyAsync("timeZone 'CEST'");
        await HandledAsync("web");
        await Bed.WaitForDeviceAsync(Key("web"), "Ready", "True");
        await Cluster.MergeAsync(ApiGroup.MailBackends, BackendKey, "{spec: {rotation: null}}");
        await NotReadyAsync("/missing");

        await Cluster.MergeAsync(
            ApiGroup.MailBackends, BackendKey,
            "{spec: {dovecot: null, rotation: {window: {cron: '0 2 * * *', duration: 4h, timeZone: CEST}}}}");
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("web"));
        await Eventually.TrueAsync("the password is refused", async () => !await Bed.ImapAsync(secret));
    }

    private Task<TimeSpan> NotReadyAsync(string words) => Eventually.TrueAsync(
        $"the MailBackend says {words}",
        async () => await Cluster.FindAsync(ApiGroup.MailBackends, BackendKey) is { } found
            && Status.Condition(found, ConditionTypes.Ready) is { } ready
            && (string)ready["reason"]! == Reasons.InvalidSpec
            && ((string)ready["message"]!).Contains(words, StringComparison.Ordinal)
            && Status.Condition(found, ConditionTypes.Stalled) is not null);

    private async Task<DeviceSecret> RetainAsync(string name)
    {
        await CreateDeviceAsync(name, $"{name}@example.com", "Retain");
        await Bed.WaitForDeviceAsync(Key(name), "Ready", "True");
        DeviceSecret secret = await Bed.SecretAsync(Key(name));
        await RemoveAsync(name, byForce: false);
        Assert.True(await Bed.ImapAsync(secret));
        return secret;
    }

    private async Task RemoveAsync(string name, bool byForce)
    {
        if (byForce)
        {
            await Cluster.MergeAsync(
                ApiGroup.MailDevices, Key(name), "{metadata: {annotations: {mailoperator.io/paused: 'true'}}}");
        }

        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key(name));
        if (byForce)
        {
            await Cluster.MergeAsync(ApiGroup.MailDevices, Key(name), "{metadata: {finalizers: null}}");
        }

        await Eventually.TrueAsync(
            $"{name} is gone", async () => await Cluster.FindAsync(ApiGroup.MailDevices, Key(name)) is null);
    }

    private async Task CreateBackendAsync(string spec)
    {
        await Cluster.CreateAsync(
            ApiGroup.MailBackends, "",
            TestBed.BackendYaml(_backend, $"{{path: {Bed.Dovecot.PasswdFile}}}", Bed.Dovecot));
        await Bed.ChangeBackendAsync(_backend, $"{{spec: {spec}}}");
    }

    private Task<JsonObject> CreateDeviceAsync(string name, string mailbox, string policy = "Revoke") =>
        Cluster.CreateDeviceAsync(
            Namespace, name, $"{{mailbox: {mailbox}, backendRef: {{name: {_backend}}}, deletionPolicy: {policy}}}");
}
