using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices;

public sealed class IssueTests : OperatorTest
{
    [Fact]
    public async Task Templates_ChangedAndRemoved_ChangeTheirKeysAndNoPassword()
    {
        await Cluster.CreateDeviceAsync(Namespace, "forum", """
            {mailbox: forum@example.com, secret: {data: {
              ADDR: "{{ smtp_host }}:{{ smtp_port }}", DSN: "{{ username }}/{{ password }}"}}}
            """);
        await Bed.WaitForDeviceAsync(Key("forum"), "Ready", "True");
        DeviceSecret first = await Bed.SecretAsync(Key("forum"));
        Assert.Equal($"{first["smtp-host"]}:{first["smtp-port"]}", first["ADDR"]);
        Assert.Equal($"forum@example.com/{first["password"]}", first["DSN"]);
        await Cluster.MergeAsync(ResourceType.Secrets, Key("forum"), "{data: {theirs: eA==}}");

        await Cluster.MergeAsync(
            ApiGroup.MailDevices, Key("forum"), """{spec: {secret: {data: {ADDR: null, PORT: "{{ smtp_port }}"}}}}""");
        await Bed.WaitForDeviceAsync(Key("forum"), "Ready", "True");
        DeviceSecret second = await Bed.SecretAsync(Key("forum"));
        Assert.Equal(first["smtp-port"], second["PORT"]);
        Assert.DoesNotContain("ADDR", second.Keys);
        Assert.Equal(("x", first["password"]), (second["theirs"], second["password"]));

        await Cluster.MergeAsync(
            ApiGroup.MailDevices, Key("forum"), """{spec: {secret: {data: {PORT: "{{ prot }}"}}}}""");
        JsonObject device = await Bed.WaitForDeviceAsync(Key("forum"), "Ready", "False", Reasons.InvalidSpec);
        Assert.Contains(
            "spec.secret.data['PORT'] cannot be used: variable 'prot' is not known at (1:4)",
            (string)Status.Condition(device, "Ready")!["message"]!);
        Assert.Equal(second.ResourceVersion, (await Bed.SecretAsync(Key("forum"))).ResourceVersion);
        Assert.True(await Bed.ImapAsync(second));
    }

    [Fact]
    public async Task Apply_Device_SecretLogsInOverImapPop3AndSubmission()
    {
        await Cluster.CreateDeviceAsync(
            Namespace, "grafana", "{mailbox: alerts@example.com, displayName: Grafana alerts}");

        JsonObject device = await Bed.WaitForDeviceAsync(Key("grafana"), "Ready", "True");
        DeviceSecret secret = await Bed.SecretAsync(Key("grafana"));

        Assert.True(await MailLogin.ImapAsync(int.Parse(secret["imap-port"]), secret["username"], secret["password"]));
        Assert.True(await MailLogin.Pop3Async(int.Parse(secret["pop3-port"]), secret["username"], secret["password"]));
        Assert.True(
            await MailLogin.SubmissionAsync(int.Parse(secret["smtp-port"]), secret["username"], secret["password"]));
        Assert.True(await MailLogin.CurlAsync(
            $"imap://{secret["imap-host"]}:{secret["imap-port"]}/", secret["username"], secret["password"]));
        Assert.False(await MailLogin.CurlAsync(
            $"imap://{secret["imap-host"]}:{secret["imap-port"]}/", secret["username"], secret["password"] + "x"));
        Assert.Equal("grafana", (string)device["status"]!["binding"]!["name"]!);
    }

    [Fact]
    public async Task Apply_Device_SecretFollowsServiceBinding()
    {
        await Cluster.CreateDeviceAsync(Namespace, "shop", "{mailbox: shop@example.com}");
        await Bed.WaitForDeviceAsync(Key("shop"), "Ready", "True");

        DeviceSecret secret = await Bed.SecretAsync(Key("shop"));

        Assert.Equal("servicebinding.io/smtp", (string)secret.Json["type"]!);
        Assert.Equal(
            [ "host", "imap-host", "imap-port", "imap-security", "password", "pop3-host", "pop3-port", "pop3-security",
                "port", "provider", "smtp-host", "smtp-port", "smtp-security", "type", "uri", "username"],
            secret.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("shop@example.com", secret["username"]);
        Assert.Equal(secret["smtp-port"], secret["port"]);
        Assert.Equal($"smtp://shop%40example.com:{secret["password"]}@127.0.0.1:{secret["port"]}", secret["uri"]);
        Assert.True(await Bed.ImapAsync(secret));
    }

    [Fact]
    public async Task Apply_DeviceBeforeItsBackend_Converges()
    {
        string backend = $"late-{Guid.NewGuid().ToString("N")[..8]}";
        await Cluster.CreateDeviceAsync(
            Namespace, "early", $"{{mailbox: early@example.com, backendRef: {{name: {backend}}}}}");
        await Bed.WaitForDeviceAsync(Key("early"), "Ready", "False", Reasons.BackendUnavailable);

        await Cluster.CreateAsync(
            ApiGroup.MailBackends, "",
            TestBed.BackendYaml(backend, $"{{path: {Bed.Dovecot.PasswdFile}}}", Bed.Dovecot));

        await Bed.WaitForDeviceAsync(Key("early"), "Ready", "True");
        Assert.True(await Bed.ImapAsync(await Bed.SecretAsync(Key("early"))));
    }

    [Fact]
    public async Task Apply_ProtocolsAndNetworks_AreEnforcedByDovecot()
    {
        await Cluster.CreateDeviceAsync(
            Namespace, "reader",
            "{mailbox: reader@example.com, protocols: [IMAP], allowedNetworks: [127.0.0.5/32, '2001:db8::/32']}");
        await Bed.WaitForDeviceAsync(Key("reader"), "Ready", "True");

        DeviceSecret secret = await Bed.SecretAsync(Key("reader"));

        Assert.True(await Bed.ImapAsync(secret, from: "127.0.0.5"));
        Assert.False(await Bed.ImapAsync(secret, from: "127.0.0.6"));
        Assert.False(await MailLogin.SubmissionAsync(
            Bed.Dovecot.SubmissionPort, secret["username"], secret["password"], "127.0.0.5"));
        Assert.False(
            await MailLogin.Pop3Async(Bed.Dovecot.Pop3Port, secret["username"], secret["password"], "127.0.0.5"));
        Assert.Equal("imap", secret["type"]);
        Assert.DoesNotContain("smtp-host", secret.Keys);
    }

    [Fact]
    public async Task Suspend_ThenResume_RefusesThenTakesTheSamePassword()
    {
        await Cluster.CreateDeviceAsync(Namespace, "laptop", "{mailbox: laptop@example.com}");
        await Bed.WaitForDeviceAsync(Key("laptop"), "Ready", "True");
        DeviceSecret secret = await Bed.SecretAsync(Key("laptop"));
        Assert.True(await Bed.ImapAsync(secret));

        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("laptop"), "{spec: {suspended: true}}");
        await Bed.WaitForDeviceAsync(Key("laptop"), "Ready", "False", Reasons.Suspended);
        await Eventually.TrueAsync("the suspended password is refused", async () => !await Bed.ImapAsync(secret));

        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("laptop"), "{spec: {suspended: null}}");
        await Bed.WaitForDeviceAsync(Key("laptop"), "Ready", "True");
        await Eventually.TrueAsync("the same password works again", () => Bed.ImapAsync(secret));
        Assert.Equal(secret.ResourceVersion, (await Bed.SecretAsync(Key("laptop"))).ResourceVersion);

        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("laptop"), "{spec: {suspended: true}}");
        await Eventually.TrueAsync("the second suspension counts up the event of the first", async () =>
            (await Cluster.ListAsync(ResourceType.Events, Namespace)).Any(one =>
                (string)one["reason"]! == Reasons.Suspended && (int)one["count"]! == 2));
    }

    [Fact]
    public async Task Apply_PasswordShape_IsAsAsked()
    {
        await Cluster.CreateDeviceAsync(
            Namespace, "shape", "{mailbox: shape@example.com, password: {length: 48, alphabet: Lowercase}}");
        await Cluster.CreateDeviceAsync(
            Namespace, "symbols", "{mailbox: shape@example.com, password: {length: 72, alphabet: WithSymbols}}");
        await Bed.WaitForDeviceAsync(Key("shape"), "Ready", "True");
        await Bed.WaitForDeviceAsync(Key("symbols"), "Ready", "True");

        DeviceSecret secret = await Bed.SecretAsync(Key("shape"));
        DeviceSecret symbols = await Bed.SecretAsync(Key("symbols"));

        Assert.Matches("^[a-z0-9]{48}$", secret["password"]);
        Assert.True(await Bed.ImapAsync(secret));
        Assert.Equal(72, symbols["password"].Length);
        Assert.True(await Bed.ImapAsync(symbols));
    }

    [Fact]
    public async Task Apply_SecretSpec_ShapesTheSecretAndFollowsChanges()
    {
        await Cluster.CreateDeviceAsync(
            Namespace, "shaped",
            "{mailbox: shaped@example.com, secret: {name: smtp, type: Opaque, labels: {team: a, old: x}, "
            + "annotations: {note: one}}}");
        await Bed.WaitForDeviceAsync(Key("shaped"), "Ready", "True");
        DeviceSecret before = await Bed.SecretAsync(Key("smtp"));
        Assert.Equal("Opaque", (string)before.Json["type"]!);
        Assert.Equal("a", (string)before.Json["metadata"]!["labels"]!["team"]!);

        await Cluster.MergeAsync(
            ApiGroup.MailDevices, Key("shaped"),
            "{spec: {secret: {name: smtp2, type: null, labels: {team: b, old: null}, annotations: null}}}");

        await Eventually.GetAsync("the Secret has its new name and the old one is gone", async () =>
            await Cluster.FindAsync(ResourceType.Secrets, Key("smtp")) is null
                ? await Cluster.FindAsync(ResourceType.Secrets, Key("smtp2"))
                : null);
        await Bed.WaitForDeviceAsync(Key("shaped"), "Ready", "True");
        DeviceSecret after = await Bed.SecretAsync(Key("smtp2"));
        Assert.Equal("servicebinding.io/smtp", (string)after.Json["type"]!);
        Assert.Equal("b", (string)after.Json["metadata"]!["labels"]!["team"]!);
        Assert.Null(after.Json["metadata"]!["labels"]!["old"]);
        Assert.Null(after.Json["metadata"]!["annotations"]!["note"]);
        Assert.True(await Bed.ImapAsync(after));
    }
}
