using System.Text;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices;

public sealed class SecretGuardTests : OperatorTest
{
    [Fact]
    public async Task ForeignSecret_OfThatName_IsLeftAloneUntilItGoes()
    {
        await Cluster.CreateAsync(
            ResourceType.Secrets, Namespace, "{metadata: {name: taken}, stringData: {password: theirs-and-not-ours}}");
        await Cluster.CreateDeviceAsync(Namespace, "taken", "{mailbox: taken@example.com}");

        JsonObject device = await Bed.WaitForDeviceAsync(Key("taken"), "Ready", "False", Reasons.SecretForeign);

        Assert.Equal("True", (string)Status.Condition(device, "Stalled")!["status"]!);
        Assert.Equal("theirs-and-not-ours", (await Bed.SecretAsync(Key("taken")))["password"]);
        Assert.Empty(Bed.PasswdLines(device));

        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("taken"), "{spec: {secret: {name: ours}}}");
        await Bed.WaitForDeviceAsync(Key("taken"), "Ready", "True");
        Assert.True(await Bed.ImapAsync(await Bed.SecretAsync(Key("ours"))));
    }

    [Fact]
    public async Task Secret_PasswordEdited_IsRotatedOnceAndTheEditNeverWorks()
    {
        await Cluster.CreateDeviceAsync(Namespace, "edited", "{mailbox: edited@example.com}");
        await Bed.WaitForDeviceAsync(Key("edited"), "Ready", "True");
        DeviceSecret original = await Bed.SecretAsync(Key("edited"));
        string forged = original["password"][..6] + "ForgedForgedForgedForged12";

        await Cluster.MergeAsync(ResourceType.Secrets, Key("edited"), $"{{stringData: {{password: {forged}}}}}");

        DeviceSecret after = await Eventually.GetAsync("the edit is replaced", async () =>
            await Bed.SecretAsync(Key("edited")) is { } now && now["password"] != original["password"]
            && now["password"] != forged
                ? now
                : null);
        await Bed.WaitForDeviceAsync(Key("edited"), "Ready", "True");
        Assert.True(await Bed.ImapAsync(after));
        Assert.True(await Bed.ImapAsync(original)); // running pods still have it, so it works during the overlap
        Assert.False(await MailLogin.ImapAsync(Bed.Dovecot.ImapPort, after["username"], forged));
        Assert.Equal(3, Bed.Ledger.PasswordsOf(Key("edited")).Count);
        await EventAsync("edited", Reasons.SecretTampered);
    }

    [Fact]
    public async Task Secret_SettingsEdited_AreRepairedWithoutARotation()
    {
        await Cluster.CreateDeviceAsync(Namespace, "settings", "{mailbox: settings@example.com}");
        await Bed.WaitForDeviceAsync(Key("settings"), "Ready", "True");
        DeviceSecret original = await Bed.SecretAsync(Key("settings"));

        await Cluster.MergeAsync(
            ResourceType.Secrets, Key("settings"),
            "{stringData: {username: boss@example.com, host: evil.example.com, extra: mine}}");

        DeviceSecret after = await Eventually.GetAsync("the settings are back", async () =>
            await Bed.SecretAsync(Key("settings")) is { } now && now["username"] == original["username"]
            && now["host"] == original["host"]
                ? now
                : null);
        Assert.Equal(original["password"], after["password"]);
        Assert.Equal("mine", after["extra"]);
    }

    [Fact]
    public async Task Secret_Deleted_IsIssuedAnewWithAnOverlap()
    {
        await Cluster.CreateDeviceAsync(Namespace, "deleted", "{mailbox: deleted@example.com}");
        await Bed.WaitForDeviceAsync(Key("deleted"), "Ready", "True");
        DeviceSecret original = await Bed.SecretAsync(Key("deleted"));

        await Cluster.DeleteAsync(ResourceType.Secrets, Key("deleted"));

        JsonObject json = await Eventually.GetAsync(
            "a new Secret is there", () => Cluster.FindAsync(ResourceType.Secrets, Key("deleted")));
        var after = new DeviceSecret(json);
        Assert.NotEqual(original["password"], after["password"]);
        Assert.True(await Bed.ImapAsync(after));
        Assert.True(await Bed.ImapAsync(original));
        await EventAsync("deleted", Reasons.SecretDeleted);
    }

    [Fact]
    public async Task Secret_DeletedWhileALeakIsToldOf_LeavesNoOverlap()
    {
        await Cluster.CreateDeviceAsync(Namespace, "grafana", "{mailbox: leaked@example.com}");
        await Bed.WaitForDeviceAsync(Key("grafana"), "Ready", "True");
        DeviceSecret leaked = await Bed.SecretAsync(Key("grafana"));
        await Cluster.MergeAsync(
            ApiGroup.MailDevices, Key("grafana"),
            "{metadata: {annotations: {mailoperator.io/paused: 'true', mailoperator.io/rotate-and-revoke: leak}}}");
        await Cluster.DeleteAsync(ResourceType.Secrets, Key("grafana"));

        await Cluster.MergeAsync(
            ApiGroup.MailDevices, Key("grafana"), "{metadata: {annotations: {mailoperator.io/paused: null}}}");

        // Annotations do not change the generation, so this Ready may be an old one.
        await Eventually.TrueAsync("the leak is dealt with", async () =>
            (string?)(await Cluster.FindAsync(
                ApiGroup.MailDevices, Key("grafana")))!["status"]!["lastHandledRotateAndRevoke"] == "leak");
        await Eventually.TrueAsync("the leaked password is refused", async () => !await Bed.ImapAsync(leaked));
        Assert.True(await Bed.ImapAsync(await Bed.SecretAsync(Key("grafana"))));
    }

    [Fact]
    public async Task Secret_MadeImmutable_IsMadeAnewWithTheSamePassword()
    {
        await Cluster.CreateDeviceAsync(Namespace, "frozen", "{mailbox: frozen@example.com}");
        await Bed.WaitForDeviceAsync(Key("frozen"), "Ready", "True");
        DeviceSecret original = await Bed.SecretAsync(Key("frozen"));

        await Cluster.MergeAsync(ResourceType.Secrets, Key("frozen"), "{immutable: true}");

        JsonObject json = await Eventually.GetAsync("the Secret can be changed again", async () =>
            await Cluster.FindAsync(ResourceType.Secrets, Key("frozen")) is { } now && (bool?)now["immutable"] != true
                ? now
                : null);
        Assert.Equal(original["password"], new DeviceSecret(json)["password"]);
    }

    [Fact]
    public async Task Secret_CopiedUnderAnotherDevicesName_IsForeignToIt()
    {
        await Cluster.CreateDeviceAsync(Namespace, "mine", "{mailbox: mine@example.com}");
        await Bed.WaitForDeviceAsync(Key("mine"), "Ready", "True");
        JsonObject copy = (await Bed.SecretAsync(Key("mine"))).Json;
        copy["metadata"] = new JsonObject
        {
            ["name"] = "other",
            ["labels"] = copy["metadata"]!["labels"]!.DeepClone(),
            ["annotations"] = copy["metadata"]!["annotations"]!.DeepClone(),
        };
        await Cluster.CreateAsync(ResourceType.Secrets, Namespace, copy);

        await Cluster.CreateDeviceAsync(Namespace, "other", "{mailbox: other@example.com}");

        await Bed.WaitForDeviceAsync(Key("other"), "Ready", "False", Reasons.SecretForeign);
        Assert.Equal(
            Convert.ToBase64String(Encoding.UTF8.GetBytes("mine@example.com")),
            (string)(await Bed.SecretAsync(Key("other"))).Json["data"]!["username"]!);
    }

    [Fact]
    public async Task PasswdFile_LinesRemovedByHand_ArePutBackWithTheSamePassword()
    {
        await Cluster.CreateDeviceAsync(Namespace, "robbed", "{mailbox: robbed@example.com}");
        JsonObject device = await Bed.WaitForDeviceAsync(Key("robbed"), "Ready", "True");
        DeviceSecret secret = await Bed.SecretAsync(Key("robbed"));
        await File.AppendAllTextAsync(
            Bed.Dovecot.PasswdFile, "# an administrator's own line\n", TestContext.Current.CancellationToken);
        string uid = (string)device["metadata"]!["uid"]!;
        File.WriteAllLines(
            Bed.Dovecot.PasswdFile, Bed.PasswdLines().Where(line => !line.Contains(uid, StringComparison.Ordinal)));

        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("robbed"), Annotations.ReconcileRequestedAt, "now");

        await Eventually.TrueAsync("the password works again", () => Bed.ImapAsync(secret));
        Assert.Equal(secret.ResourceVersion, (await Bed.SecretAsync(Key("robbed"))).ResourceVersion);
        Assert.Contains("# an administrator's own line", Bed.PasswdLines());
        await EventAsync("robbed", Reasons.SlotMissing);
    }

    private Task<TimeSpan> EventAsync(string name, string reason) =>
        Eventually.TrueAsync($"an event {reason} about {name}", async () =>
            (await Cluster.ListAsync(ResourceType.Events, Namespace)).Any(one =>
                (string)one["reason"]! == reason && (string)one["involvedObject"]!["name"]! == name));
}
