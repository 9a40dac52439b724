using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices;

public sealed class BadInputTests : OperatorTest
{
    [Fact]
    public async Task BadDevices_AllAtOnce_EachSaysWhyAndTheGoodOneIsReady()
    {
        string unwritable = $"unwritable-{Guid.NewGuid().ToString("N")[..8]}";
        // Nobody can create a directory under a regular file, not even root.
        await Cluster.CreateAsync(
            ApiGroup.MailBackends, "",
            TestBed.BackendYaml(unwritable, $"{{path: {Bed.Dovecot.Log}/app-passwords}}", Bed.Dovecot));
        await Cluster.CreateAsync(ResourceType.Secrets, Namespace, "{metadata: {name: foreign}, stringData: {a: b}}");

        await Cluster.CreateDeviceAsync(Namespace, "ungranted", "{mailbox: ceo@elsewhere.example}");
        await Cluster.CreateDeviceAsync(Namespace, "unknown", "{mailbox: a@example.com, backendRef: {name: nowhere}}");
        await Cluster.CreateDeviceAsync(
            Namespace, "unwritable", $"{{mailbox: a@example.com, backendRef: {{name: {unwritable}}}}}");
        await Cluster.CreateDeviceAsync(Namespace, "foreign", "{mailbox: a@example.com}");
        await Cluster.CreateDeviceAsync(Namespace, "good", "{mailbox: good@example.com}");

        await Bed.WaitForDeviceAsync(Key("good"), "Ready", "True");
        await SaysAsync("ungranted", Reasons.NotAllowed, Namespace, "ceo@elsewhere.example", "grant");
        await SaysAsync("unknown", Reasons.BackendUnavailable, "nowhere", "does not exist");
        await SaysAsync("unwritable", Reasons.BackendUnavailable, Bed.Dovecot.Log);
        await SaysAsync("foreign", Reasons.SecretForeign, "foreign", "spec.secret.name");
        Assert.DoesNotContain(Bed.PasswdLines(), line => line.Contains("elsewhere", StringComparison.Ordinal));

        // Its device never had a credential there, so neither has a finalizer. If it stayed, it would block every
        // revocation that has to ask all backends.
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("unwritable"));
        await Cluster.DeleteAsync(ApiGroup.MailBackends, new ObjectKey("", unwritable));
        await Eventually.TrueAsync("the unusable backend is gone", async () =>
            await Cluster.FindAsync(ApiGroup.MailBackends, new ObjectKey("", unwritable)) is null);
    }

    [Fact]
    public async Task PasswdSecret_NearlyFull_RefusesTheDeviceBeforeTheServerDoes()
    {
        string backend = $"full-{Guid.NewGuid().ToString("N")[..8]}";
        string others = string.Concat(Enumerable.Repeat("# somebody else's line, which stays as it is\n", 22_200));
        await Cluster.CreateAsync(ResourceType.Secrets, Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "passwd" },
            ["stringData"] = new JsonObject { ["app-passwords"] = others },
        });
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", TestBed.BackendYaml(
            backend, $"{{secret: {{namespace: {Namespace}, name: passwd}}}}", Bed.Dovecot));

        await Cluster.CreateDeviceAsync(
            Namespace, "toomuch", $"{{mailbox: toomuch@example.com, backendRef: {{name: {backend}}}}}");

        await SaysAsync("toomuch", Reasons.BackendRejected, "1000000", "passwdFile.path");
        Assert.Equal(others, (await Bed.SecretAsync(Key("passwd")))["app-passwords"]);
    }

    [Theory]
    [InlineData("{mailbox: not-an-address}", "spec.mailbox")]
    [InlineData("{mailbox: \"a@example.com\\nimap/b\"}", "spec.mailbox")]
    [InlineData("{mailbox: a@example.com, allowedNetworks: [10.0.0.0/33]}", "spec.allowedNetworks")]
    [InlineData("{mailbox: a@example.com, allowedNetworks: ['10.0.0.0/8 user=boss']}", "spec.allowedNetworks")]
    [InlineData("{mailbox: a@example.com, rotation: {overlap: soon}}", "spec.rotation.overlap")]
    [InlineData("{mailbox: a@example.com, password: {length: 15}}", "spec.password.length")]
    public async Task BadSpec_AtAdmission_IsRefusedWithTheField(string spec, string field)
    {
        ApiException refusal = await Assert.ThrowsAsync<ApiException>(
            () => Cluster.CreateDeviceAsync(Namespace, "bad", spec));

        Assert.True(refusal.IsInvalid, refusal.Message);
        Assert.Contains(field, refusal.Message);
    }

    [Fact]
    public async Task Grant_GivenThenWithdrawn_IsFollowedWithoutARotation()
    {
        string backend = $"granting-{Guid.NewGuid().ToString("N")[..8]}";
        await Cluster.CreateAsync(
            ApiGroup.MailBackends, "",
            TestBed.BackendYaml(backend, $"{{path: {Bed.Dovecot.PasswdFile}}}", Bed.Dovecot));
        await Bed.ChangeBackendAsync(
            backend,
            "{spec: {grants: [{namespaces: {selector: {matchLabels: {mail: 'yes'}}}, mailboxes: ['*@example.com']}]}}");
        await Cluster.CreateDeviceAsync(
            Namespace, "tenant", $"{{mailbox: tenant@example.com, backendRef: {{name: {backend}}}}}");
        JsonObject denied = await Bed.WaitForDeviceAsync(Key("tenant"), "Ready", "False", Reasons.NotAllowed);
        Assert.Null(denied["metadata"]!["finalizers"]);

        await Cluster.MergeAsync(
            ResourceType.Namespaces, new ObjectKey("", Namespace), "{metadata: {labels: {mail: 'yes'}}}");
        await Bed.WaitForDeviceAsync(Key("tenant"), "Ready", "True");
        DeviceSecret secret = await Bed.SecretAsync(Key("tenant"));

        await Cluster.MergeAsync(ApiGroup.MailBackends, new ObjectKey("", backend), "{spec: {grants: []}}");
        await Bed.WaitForDeviceAsync(Key("tenant"), "Ready", "False", Reasons.NotAllowed);
        Assert.True(await Bed.ImapAsync(secret)); // the credential stays; only new ones are denied
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("tenant"), Annotations.Rotate, "denied");
        await Cluster.MergeAsync(
            ApiGroup.MailBackends, new ObjectKey("", backend), "{spec: {grants: [{mailboxes: ['*@example.com']}]}}");
        await Eventually.TrueAsync("the rotation is done once it is granted again", async () =>
            (await Bed.SecretAsync(Key("tenant")))["password"] != secret["password"]);
    }

    private async Task SaysAsync(string name, string reason, params string[] parts)
    {
        await Bed.WaitForDeviceAsync(Key(name), "Ready", "False", reason, says: parts);
        await Eventually.TrueAsync($"an event {reason} about {name}", async () =>
            (await Cluster.ListAsync(ResourceType.Events, Namespace)).Any(one =>
                (string)one["reason"]! == reason && (string)one["type"]! == "Warning"
                && (string)one["involvedObject"]!["name"]! == name));
    }
}
