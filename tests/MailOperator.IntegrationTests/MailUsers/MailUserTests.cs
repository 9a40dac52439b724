using System.Diagnostics;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.MailDevices;

namespace MailOperator.IntegrationTests.MailUsers;

public sealed class MailUserTests(ITestOutputHelper output) : OperatorTest
{
    /// <summary>
    /// How soon a change of a user applies to all its devices. Dovecot checks the time of its file once a second.
    /// </summary>
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(2);

    /// <summary>The allowance for logins on a busy machine.</summary>
    private const int LoginsOnTop = 5;

    [Fact, Trait(RunsTrait.Name, RunsTrait.Alone)]
    public async Task SendingDenied_ThenAllowed_StopsSendingAloneAndTakesTheSamePassword()
    {
        await OthersHaveGoneAsync();
        await CreateUserAsync("ada");
        string[] names = ["phone", "sender"];
        await Cluster.CreateDeviceAsync(Namespace, "phone", "{mailbox: ada@example.com, userRef: {name: ada}}");
        await Cluster.CreateDeviceAsync(
            Namespace, "sender", "{mailbox: ada@example.com, userRef: {name: ada}, protocols: [SMTP]}");
        await Cluster.CreateDeviceAsync(Namespace, "nobodys", "{mailbox: ada@example.com}");
        DeviceSecret[] secrets = [await ReadyAsync("phone"), await ReadyAsync("sender")];
        DeviceSecret nobodys = await ReadyAsync("nobodys");
        TimeSpan limit = await LimitAsync(
            async () => Assert.All(await Task.WhenAll(secrets.Select(SendAsync)), Assert.True));

        await Cluster.MergeAsync(ApiGroup.MailUsers, Key("ada"), "{spec: {sending: Denied}}");
        TimeSpan stopped = await Eventually.TrueAsync("none of the user's devices may send", limit, async () =>
            !(await Task.WhenAll(secrets.Select(SendAsync))).Any(static may => may));

        Assert.True(await Bed.ImapAsync(secrets[0]));
        Assert.True(await Pop3Async(secrets[0]));
        Assert.True(await SendAsync(nobodys));
        JsonObject phone = await Bed.WaitForDeviceAsync(Key("phone"), "Ready", "True");
        await Eventually.TrueAsync("the status says so", async () => ((string)Status.Condition(
            (await Cluster.FindAsync(ApiGroup.MailDevices, Key("phone")))!,
            "Ready")!["message"]!).Contains("sending is refused", StringComparison.Ordinal));
        Assert.Equal(4, Bed.PasswdLines(phone).Length);

        await Cluster.MergeAsync(ApiGroup.MailUsers, Key("ada"), "{spec: {sending: null}}");
        TimeSpan restored = await Eventually.TrueAsync("all of them may send again", limit, async () =>
            (await Task.WhenAll(secrets.Select(SendAsync))).All(static may => may));
        foreach ((string name, DeviceSecret secret) in names.Zip(secrets))
        {
            Assert.Equal(secret.ResourceVersion, (await Bed.SecretAsync(Key(name))).ResourceVersion);
        }

        output.WriteLine(
            $"sending stopped after {stopped.TotalMilliseconds:F0} ms, restored after "
            + $"{restored.TotalMilliseconds:F0} ms");
    }

    [Fact, Trait(RunsTrait.Name, RunsTrait.Alone)]
    public async Task Suspended_ThenNot_StopsAllAndTakesTheSamePassword()
    {
        await OthersHaveGoneAsync();
        await CreateUserAsync("bob");
        await Cluster.CreateDeviceAsync(Namespace, "phone", "{mailbox: bob@example.com, userRef: {name: bob}}");
        DeviceSecret secret = await ReadyAsync("phone");
        TimeSpan limit = await LimitAsync(
            async () => Assert.Equal((true, true), (await Bed.ImapAsync(secret), await SendAsync(secret))));

        await Cluster.MergeAsync(ApiGroup.MailUsers, Key("bob"), "{spec: {suspended: true}}");
        TimeSpan stopped = await Eventually.TrueAsync(
            "the password is refused", limit, async () => !await Bed.ImapAsync(secret));
        Assert.False(await Pop3Async(secret));
        Assert.False(await SendAsync(secret));
        await Bed.WaitForDeviceAsync(Key("phone"), "Ready", "False", Reasons.UserSuspended);

        await Cluster.MergeAsync(ApiGroup.MailUsers, Key("bob"), "{spec: {suspended: false}}");
        await Eventually.TrueAsync(
            "the same password works again", limit, async () => await Bed.ImapAsync(secret) && await SendAsync(secret));
        await Bed.WaitForDeviceAsync(Key("phone"), "Ready", "True");
        Assert.Equal(secret.ResourceVersion, (await Bed.SecretAsync(Key("phone"))).ResourceVersion);
        output.WriteLine($"suspended after {stopped.TotalMilliseconds:F0} ms");
    }

    [Fact]
    public async Task UserRef_SetAndUnset_IsFollowedWithTheSamePassword()
    {
        await Cluster.CreateDeviceAsync(Namespace, "phone", "{mailbox: eve@example.com}");
        DeviceSecret secret = await ReadyAsync("phone");
        await CreateUserAsync("eve", "{sending: Denied}");

        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("phone"), "{spec: {userRef: {name: eve}}}");
        await Eventually.TrueAsync("sending stops", async () => !await SendAsync(secret));
        await Eventually.TrueAsync("the user counts it", async () =>
            (int?)(await Cluster.FindAsync(ApiGroup.MailUsers, Key("eve")))!["status"]?["devices"] == 1);

        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("phone"), "{spec: {userRef: null}}");
        await Eventually.TrueAsync("sending works", () => SendAsync(secret));
        Assert.Equal(secret.ResourceVersion, (await Bed.SecretAsync(Key("phone"))).ResourceVersion);
    }

    [Fact]
    public async Task UserMissing_NothingIsIssuedAndNothingWidened()
    {
        await CreateUserAsync("guest", "{sending: Denied}");
        await Cluster.CreateDeviceAsync(Namespace, "old", "{mailbox: guest@example.com, userRef: {name: guest}}");
        DeviceSecret secret = await ReadyAsync("old");
        Assert.False(await SendAsync(secret));

        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("old"), "{spec: {userRef: {name: later}}}");
        JsonObject fresh = await Cluster.CreateDeviceAsync(
            Namespace, "fresh", "{mailbox: guest@example.com, userRef: {name: later}}");
        await Bed.WaitForDeviceAsync(Key("old"), "Ready", "False", Reasons.UserNotFound);
        await Bed.WaitForDeviceAsync(Key("fresh"), "Ready", "False", Reasons.UserNotFound);
        Assert.False(await SendAsync(secret));
        Assert.True(await Bed.ImapAsync(secret));
        Assert.Empty(Bed.PasswdLines(fresh));

        await CreateUserAsync("later");
        await ReadyAsync("fresh");
        await Eventually.TrueAsync("the new user may send", () => SendAsync(secret));
    }

    [Fact]
    public async Task Delete_UserThatADeviceNames_WaitsAndSaysWhich()
    {
        await CreateUserAsync("leaver", "{sending: Denied}");
        await Cluster.CreateDeviceAsync(Namespace, "phone", "{mailbox: leaver@example.com, userRef: {name: leaver}}");
        DeviceSecret secret = await ReadyAsync("phone");

        await Cluster.DeleteAsync(ApiGroup.MailUsers, Key("leaver"));
        JsonObject held = await Eventually.GetAsync("the user is held", async () =>
            await Cluster.FindAsync(ApiGroup.MailUsers, Key("leaver")) is { } user
            && Status.Condition(user, "Ready") is { } ready && (string)ready["reason"]! == Reasons.UserInUse
                ? user
                : null);
        Assert.Contains($"{Namespace}/phone", (string)Status.Condition(held, "Ready")!["message"]!);
        Assert.False(await SendAsync(secret)); // while it is being deleted it still restricts

        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("phone"));
        await Eventually.TrueAsync("the user is gone", async () =>
            await Cluster.FindAsync(ApiGroup.MailUsers, Key("leaver")) is null);
    }

    /// <summary>Creates a user and waits for its finalizer, which is there before anyone can name the user.</summary>
    private async Task CreateUserAsync(string name, string spec = "{}")
    {
        await Cluster.CreateAsync(ApiGroup.MailUsers, Namespace, $"{{metadata: {{name: {name}}}, spec: {spec}}}");
        await Eventually.TrueAsync($"MailUser {name} is ready", async () =>
            Status.Condition((await Cluster.FindAsync(ApiGroup.MailUsers, Key(name)))!, "Ready") is not null);
    }

    private async Task<DeviceSecret> ReadyAsync(string name)
    {
        await Bed.WaitForDeviceAsync(Key(name), "Ready", "True");
        return await Bed.SecretAsync(Key(name));
    }

    private static async Task<TimeSpan> LimitAsync(Func<Task> logins)
    {
        var clock = Stopwatch.StartNew();
        await logins();
        return Promised + (LoginsOnTop * clock.Elapsed);
    }

    private Task<bool> SendAsync(DeviceSecret secret) =>
        MailLogin.SubmissionAsync(Bed.Dovecot.SubmissionPort, secret["username"], secret["password"]);

    private Task<bool> Pop3Async(DeviceSecret secret) =>
        MailLogin.Pop3Async(Bed.Dovecot.Pop3Port, secret["username"], secret["password"]);
}
