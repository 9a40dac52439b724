using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices;

public sealed class ChosenPasswordTests : OperatorTest
{
    private const string Choice = "correct horse battery staple";
    private const string ElsewhereChoice = "picked for another network";
    private const string NextChoice = "another one: \"of/their%6w:choice\"";

    [Fact]
    public async Task Chosen_FromASecret_LogsInBesideAGeneratedOneAndOnlyIt()
    {
        string mailbox = NewMailbox();
        await CreateAsync("typed", mailbox, Choice + "\n");
        await Cluster.CreateDeviceAsync(Namespace, "made", $"{{mailbox: {mailbox}}}");
        JsonObject typed = await Bed.WaitForDeviceAsync(Key("typed"), "Ready", "True");
        await Bed.WaitForDeviceAsync(Key("made"), "Ready", "True");
        DeviceSecret secret = await Bed.SecretAsync(Key("typed"));

        Assert.Equal(Choice, secret["password"]);
        Assert.True(await Bed.ImapAsync(secret));
        Assert.True(await MailLogin.Pop3Async(Bed.Dovecot.Pop3Port, mailbox, Choice));
        Assert.True(await MailLogin.SubmissionAsync(Bed.Dovecot.SubmissionPort, mailbox, Choice));
        Assert.True(await Bed.ImapAsync(await Bed.SecretAsync(Key("made"))));
        string[] wrong = [Choice + "x", Choice[..^1], Choice[..6], "chosen", "chosen-1", $"{mailbox}/chosen-1"];
        Assert.DoesNotContain(true, await Task.WhenAll(
            wrong.Select(one => LogsInAsync(mailbox, one)).Append(LogsInAsync(NewMailbox(), Choice))));
        Assert.All(Bed.PasswdLines(typed), static line => Assert.DoesNotContain(Choice[..6], line));
        Assert.Matches("^[a-z0-9]{6}$", (string)typed["status"]!["credentials"]![0]!["id"]!);
        Assert.Contains(
            $"device=<{Namespace}/typed>",
            await File.ReadAllTextAsync(Bed.Dovecot.Log, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("2.3")]
    [InlineData("2.4")]
    public async Task Source_Changed_RotatesWithOverlapAndDeletingRevokes(string dovecot)
    {
        MailSystem mail = await Bed.MailSystemAsync(dovecot);
        string mailbox = NewMailbox();
        Task<bool> LogsInAsync(string mailbox, string password) =>
            MailLogin.ImapAsync(mail.Dovecot.ImapPort, mailbox, password);
        // Dovecot tries this one first. It is limited to another network, which must not affect the next one.
        await CreateAsync("elsewhere", mailbox, ElsewhereChoice, more: ", allowedNetworks: [10.0.0.0/8]");
        await Bed.WaitForDeviceAsync(Key("elsewhere"), "Ready", "True");
        await CreateAsync("turning", mailbox, Choice, more: ", rotation: {overlap: 15s}");
        await Bed.WaitForDeviceAsync(Key("turning"), "Ready", "True");
        await Eventually.TrueAsync("every service takes it", async () =>
            (await mail.AcceptedAsync(await Bed.SecretAsync(Key("turning")))).Count == 4);
        Assert.False(await LogsInAsync(mailbox, ElsewhereChoice));

        await ChangeSourceAsync("turning", NextChoice);
        await Eventually.TrueAsync("the new password is in the Secret", async () =>
            (await Bed.SecretAsync(Key("turning")))["password"] == NextChoice);

        await Eventually.TrueAsync("the new password works", () => LogsInAsync(mailbox, NextChoice));
        Assert.True(await LogsInAsync(mailbox, Choice)); // the old one also works within the overlap
        await Eventually.TrueAsync("the old one has ended", async () => !await LogsInAsync(mailbox, Choice));
        Assert.True(await LogsInAsync(mailbox, NextChoice));

        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("turning"));
        await Eventually.TrueAsync("it is revoked", async () => !await LogsInAsync(mailbox, NextChoice));
        // The operator does not own it.
        Assert.NotNull(await Cluster.FindAsync(ResourceType.Secrets, Key("turning-source")));
    }

    [Fact]
    public async Task Secret_EditedOrDeleted_HoldsTheChosenPasswordAgainInTheSameSlot()
    {
        string mailbox = NewMailbox();
        await CreateAsync("kept", mailbox, Choice);
        JsonObject device = await Bed.WaitForDeviceAsync(Key("kept"), "Ready", "True");
        string[] lines = Bed.PasswdLines(device);

        await Cluster.MergeAsync(ResourceType.Secrets, Key("kept"), "{stringData: {password: edited0123456789edited}}");
        await Eventually.TrueAsync(
            "the edit is undone", async () => (await Bed.SecretAsync(Key("kept")))["password"] == Choice);
        await Cluster.DeleteAsync(ResourceType.Secrets, Key("kept"));
        await Eventually.TrueAsync("the Secret is back", async () =>
            await Cluster.FindAsync(ResourceType.Secrets, Key("kept")) is { } back
            && new DeviceSecret(back)["password"] == Choice);

        Assert.Equal(lines, Bed.PasswdLines(device));
        Assert.True(await LogsInAsync(mailbox, Choice));
    }

    [Fact]
    public async Task RotateTokens_WithAnUnchangedSource_AreRefusedUntilItChanges()
    {
        string mailbox = NewMailbox();
        await CreateAsync("leaked", mailbox, Choice);
        await Bed.WaitForDeviceAsync(Key("leaked"), "Ready", "True");

        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("leaked"), Annotations.Rotate, "now");
        await Eventually.TrueAsync("an event says that there is nothing to rotate to", async () =>
            (await Cluster.ListAsync(ResourceType.Events, Namespace))
                .Any(static one => (string)one["reason"]! == Reasons.PasswordUnchanged));
        await Eventually.TrueAsync("the token counts as handled", async () =>
            (string?)(await Cluster.FindAsync(ApiGroup.MailDevices, Key("leaked")))!["status"]!["lastHandledRotation"]
            == "now");

        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("leaked"), Annotations.RotateAndRevoke, "leak");
        await Bed.WaitForDeviceAsync(Key("leaked"), "Ready", "False", Reasons.PasswordUnchanged);
        await ChangeSourceAsync("leaked", NextChoice);
        await Bed.WaitForDeviceAsync(Key("leaked"), "Ready", "True");

        Assert.True(await LogsInAsync(mailbox, NextChoice));
        await Eventually.TrueAsync("the leaked one ends at once", async () => !await LogsInAsync(mailbox, Choice));
    }

    [Fact]
    public async Task Source_MissingBadOrNotAllowed_SaysSoAndNothingIsIssued()
    {
        string mailbox = NewMailbox();
        await Cluster.CreateDeviceAsync(Namespace, "missing", Spec(mailbox, "missing"));
        await CreateAsync("bad", mailbox, "fifteen letters");
        await CreateAsync("weak", mailbox, "abcdefgh12345678");
        await CreateAsync("denied", "denied@example.com", Choice);

        JsonObject missing = await Bed.WaitForDeviceAsync(
            Key("missing"), "Ready", "False", Reasons.PasswordSourceMissing);
        JsonObject bad = await Bed.WaitForDeviceAsync(Key("bad"), "Ready", "False", Reasons.InvalidSpec);
        JsonObject weak = await Bed.WaitForDeviceAsync(Key("weak"), "Ready", "False", Reasons.InvalidSpec);
        JsonObject denied = await Bed.WaitForDeviceAsync(Key("denied"), "Ready", "False", Reasons.NotAllowed);

        Assert.Contains("There is no Secret 'missing-source'", Message(missing));
        Assert.Contains("must be 16 to 72 bytes long", Message(bad));
        Assert.DoesNotContain("fifteen", bad.ToJsonString());
        Assert.Contains("is mostly rows or repetitions", Message(weak));
        Assert.DoesNotContain("abcdefgh", weak.ToJsonString());
        Assert.Contains("chosenPasswords: Allowed", Message(denied));
        Assert.All((JsonObject[])[missing, bad, weak, denied], device => Assert.Empty(Bed.PasswdLines(device)));

        await Cluster.CreateAsync(
            ResourceType.Secrets, Namespace,
            $"{{metadata: {{name: missing-source}}, stringData: {{other: {Choice}}}}}");
        await LookAsync("missing");
        await Eventually.TrueAsync("it says that the key is missing", async () =>
            Message((await Cluster.FindAsync(ApiGroup.MailDevices, Key("missing")))!).Contains(
                "has no key 'mail'", StringComparison.Ordinal));
        await ChangeSourceAsync("missing", Choice);
        await ChangeSourceAsync("bad", "sixteen letters!");
        await Bed.WaitForDeviceAsync(Key("missing"), "Ready", "True");
        await Bed.WaitForDeviceAsync(Key("bad"), "Ready", "True");
        Assert.True(await LogsInAsync(mailbox, Choice) && await LogsInAsync(mailbox, "sixteen letters!"));
    }

    [Fact]
    public async Task Chosen_FourForAMailbox_AllLogInAndTheFifthIsRefused()
    {
        string mailbox = NewMailbox();
        await Cluster.CreateDeviceAsync(Namespace, "made", $"{{mailbox: {mailbox}}}");
        await Bed.WaitForDeviceAsync(Key("made"), "Ready", "True");
        DeviceSecret made = await Bed.SecretAsync(Key("made"));
        for (int number = 1; number <= 4; number++)
        {
            await CreateAsync($"typed-{number}", mailbox, $"{Choice} {number}");
            await Bed.WaitForDeviceAsync(Key($"typed-{number}"), "Ready", "True");
        }

        await CreateAsync("typed-5", mailbox, $"{Choice} 5");
        JsonObject fifth = await Bed.WaitForDeviceAsync(Key("typed-5"), "Ready", "False", Reasons.BackendRejected);

        Assert.Contains($"{mailbox} already has 4 chosen passwords", Message(fifth));
        bool[] letIn = await Task.WhenAll(
            Enumerable.Range(1, 5).Select(number => LogsInAsync(mailbox, $"{Choice} {number}")));
        Assert.Equal([true, true, true, true, false], letIn);
        Assert.True(await Bed.ImapAsync(made));
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("typed-2"));
        await Eventually.TrueAsync("a place is free", async () =>
            await Cluster.FindAsync(ApiGroup.MailDevices, Key("typed-2")) is null);
        await LookAsync("typed-5");
        await Bed.WaitForDeviceAsync(Key("typed-5"), "Ready", "True");
        Assert.True(await LogsInAsync(mailbox, $"{Choice} 5"));
    }

    private static string NewMailbox() => $"chosen-{Guid.NewGuid().ToString("N")[..8]}@example.com";

    private static string Spec(string mailbox, string name, string more = "") =>
        $"{{mailbox: {mailbox}, password: {{valueFrom: {{secretKeyRef: {{name: {name}-source, key: mail}}}}}}{more}}}";

    private static string Message(JsonObject device) => (string)Status.Condition(device, "Ready")!["message"]!;

    private async Task CreateAsync(string name, string mailbox, string password, string more = "")
    {
        await Cluster.CreateAsync(ResourceType.Secrets, Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = $"{name}-source" },
            ["stringData"] = new JsonObject { ["mail"] = password },
        });
        await Cluster.CreateDeviceAsync(Namespace, name, Spec(mailbox, name, more));
    }

    private async Task ChangeSourceAsync(string name, string password)
    {
        await Cluster.MergeAsync(
            ResourceType.Secrets, Key($"{name}-source"),
            new JsonObject { ["stringData"] = new JsonObject { ["mail"] = password } }.ToJsonString());
        await LookAsync(name);
    }

    /// <summary>The operator would recheck within a minute anyway.</summary>
    private Task LookAsync(string name) =>
        Cluster.AnnotateAsync(
            ApiGroup.MailDevices, Key(name), Annotations.ReconcileRequestedAt, Guid.NewGuid().ToString());

    private Task<bool> LogsInAsync(string mailbox, string password) =>
        MailLogin.ImapAsync(Bed.Dovecot.ImapPort, mailbox, password);
}
