using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.MailDevices;
using MailOperator.Kubernetes;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Monitoring;

/// <summary>A Prometheus watches the operator while things go wrong and are put right.</summary>
[Trait(RunsTrait.Name, RunsTrait.Alone)]
public sealed class AlertRunTests : OperatorTest
{
    private const string Backend = "alerts";
    private static readonly ObjectKey Lease = new(ShippedRights.Namespace, "mail-operator");

    private static readonly string[] OfTheStore =
    [
        "MailBackendNotReady", "MailBackendCircuitOpen", "MailRevocationPending", "MailRevocationBlocked",
        "MailDevicesNotReady",
    ];

    private string Folder => Path.Combine(Bed.Operator.Folder, Backend);

    [Fact]
    public async Task Alerts_OfWhatGoesWrong_FireAndEnd()
    {
        await OthersHaveGoneAsync();
        await using PrometheusServer prometheus = await PrometheusServer.StartAsync(ShortRules.Read());
        await prometheus.FiresAsync("MailOperatorDown"); // it asks nobody yet

        await prometheus.ScrapeAsync(("one", Bed.Operator.Address));
        await prometheus.EndsAsync("MailOperatorDown");
        await CreateAsync();
        await Fire(
            prometheus, "MailDefaultBackendConflict", "MailDevicesRefused", "MailDevicesExpiring", "MailBackendSlow",
            "MailPasswordOld");
        await OrphansAsync(prometheus);
        Directory.Move(Folder, $"{Folder}.away");
        try
        {
            await StoreAwayAsync(prometheus);
            await DashboardAsync(prometheus);
        }
        finally
        {
            Directory.Move($"{Folder}.away", Folder);
        }

        await MendAsync(prometheus);
        await SilenceAsync(prometheus);
        await NoLeaderAsync(prometheus);
    }

    private async Task CreateAsync()
    {
        Directory.CreateDirectory(Folder);
        JsonObject backend = YamlJson.Parse(TestBed.BackendYaml(
            Backend, $"{{path: {Path.Combine(Folder, "app-passwords")}}}", Bed.Dovecot, isDefault: true))!.AsObject();
        backend["spec"]!["orphans"] = new JsonObject { ["grace"] = "1s" };
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", backend);
        await Cluster.CreateAsync(ApiGroup.MailUsers, Namespace, "{metadata: {name: ada}, spec: {}}");
        await DeviceAsync("phone", "mailbox: phone@example.com, userRef: {name: ada}");
        await DeviceAsync("good", "mailbox: good@example.com");
        await DeviceAsync("lost-a", "mailbox: lost-a@example.com");
        await DeviceAsync("lost-b", "mailbox: lost-b@example.com");
        await DeviceAsync("expiring", "mailbox: expiring@example.com, expiry: {after: 1h}");
        await DeviceAsync("refused", "mailbox: somebody@example.net");
        await Cluster.CreateAsync(
            ApiGroup.DeviceInvitations, Namespace,
            $"{{metadata: {{name: ada}}, spec: {{backendRef: {{name: {Backend}}}, mailbox: ada@example.com, "
            + "userRef: {name: ada}}}");
        foreach (string name in new[] { "phone", "good", "lost-a", "lost-b", "expiring" })
        {
            await Bed.WaitForDeviceAsync(Key(name), "Ready", "True");
        }
    }

    private Task<JsonObject> DeviceAsync(string name, string spec) =>
        Cluster.CreateDeviceAsync(Namespace, name, $"{{backendRef: {{name: {Backend}}}, {spec}}}");

    // Their finalizers are taken away, as by somebody who wants a namespace to go.
    private async Task OrphansAsync(PrometheusServer prometheus)
    {
        foreach (string name in new[] { "lost-a", "lost-b" })
        {
            await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key(name), Annotations.Paused, "true");
            await Cluster.DeleteAsync(ApiGroup.MailDevices, Key(name));
            await Cluster.MergeAsync(ApiGroup.MailDevices, Key(name), "{metadata: {finalizers: null}}");
        }

        await Fire(prometheus, "MailOrphanSlots", "MailOrphansHeld");
        await Cluster.AnnotateAsync(
            ApiGroup.MailBackends, new ObjectKey("", Backend), Annotations.RemoveOrphans, "2");
        await End(prometheus, "MailOrphanSlots", "MailOrphansHeld");
    }

    private async Task StoreAwayAsync(PrometheusServer prometheus)
    {
        await Cluster.MergeAsync(ApiGroup.MailUsers, Key("ada"), "{spec: {suspended: true}}");
        // A MailBackend that is Ready is looked at each minute, or when it changes.
        await Cluster.MergeAsync(
            ApiGroup.MailBackends, new ObjectKey("", Backend), "{spec: {hashing: {workFactor: 5}}}");
        await Fire(prometheus, OfTheStore);
    }

    // Everything that the dashboard asks has an answer now.
    private static async Task DashboardAsync(PrometheusServer prometheus)
    {
        JsonNode dashboard = JsonNode.Parse(await File.ReadAllTextAsync(
            Repository.Path("charts", "mail-operator", "files", "dashboard.json")))!;
        string[] queries =
        [
            .. dashboard["panels"]!.AsArray().SelectMany(static panel => panel!["targets"]?.AsArray() ?? [])
                .Select(static target => ((string)target!["expr"]!).Replace("$__rate_interval", "30s")),
        ];
        foreach (string query in queries)
        {
            await Eventually.TrueAsync(
                $"{query} has data", async () => (await prometheus.QueryAsync(query)).Count > 0);
        }
    }

    private async Task MendAsync(PrometheusServer prometheus)
    {
        await Cluster.DeleteAsync(ApiGroup.DeviceInvitations, Key("ada"));
        await Cluster.MergeAsync(ApiGroup.MailUsers, Key("ada"), "{spec: {suspended: false}}");
        await Cluster.AnnotateAsync(
            ApiGroup.MailBackends, new ObjectKey("", Backend), Annotations.IsDefaultBackend, null);
        await End(prometheus, "MailBackendNotReady", "MailBackendCircuitOpen", "MailDefaultBackendConflict");
        foreach (string name in new[] { "phone", "good", "expiring", "refused" })
        {
            await Cluster.DeleteAsync(ApiGroup.MailDevices, Key(name));
        }

        await End(prometheus, [.. OfTheStore, "MailDevicesRefused", "MailDevicesExpiring", "MailPasswordOld"]);
        await End(prometheus, "MailBackendSlow");
    }

    private async Task SilenceAsync(PrometheusServer prometheus)
    {
        const string Users = ", kind=\"MailUser\"";
        await prometheus.FiresAsync("MailOperatorWatchSilent", Users);
        await Cluster.CreateAsync(ApiGroup.MailUsers, Namespace, "{metadata: {name: eve}, spec: {}}");
        await prometheus.EndsAsync("MailOperatorWatchSilent", Users);
    }

    private async Task NoLeaderAsync(PrometheusServer prometheus)
    {
        await Bed.Operator.StopAsync();
        try
        {
            await Cluster.MergeAsync(
                ResourceType.Leases, Lease, "{spec: {holderIdentity: nobody, leaseDurationSeconds: 3600}}");
            await Bed.Operator.StartAsync();
            await prometheus.ScrapeAsync(("one", Bed.Operator.Address));
            await Fire(prometheus, "MailOperatorNoLeader");
        }
        finally
        {
            await Cluster.DeleteAsync(ResourceType.Leases, Lease);
        }

        await End(prometheus, "MailOperatorNoLeader");
    }

    private static Task Fire(PrometheusServer prometheus, params string[] alerts) =>
        Task.WhenAll(alerts.Select(alert => prometheus.FiresAsync(alert)));

    private static Task End(PrometheusServer prometheus, params string[] alerts) =>
        Task.WhenAll(alerts.Select(alert => prometheus.EndsAsync(alert)));
}
