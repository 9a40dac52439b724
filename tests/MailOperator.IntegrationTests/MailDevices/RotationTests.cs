using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices;

public sealed class RotationTests : OperatorTest
{
    [Fact]
    public async Task Rotate_ByAnnotation_OldPasswordWorksUntilTheOverlapEndsAndNotAfter()
    {
        await Cluster.CreateDeviceAsync(
            Namespace, "rotating", "{mailbox: rotating@example.com, rotation: {overlap: 15s}}");
        await Bed.WaitForDeviceAsync(Key("rotating"), "Ready", "True");
        DeviceSecret old = await Bed.SecretAsync(Key("rotating"));

        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("rotating"), Annotations.Rotate, "first");
        DeviceSecret next = await NextSecretAsync("rotating", old);

        Assert.True(await Bed.ImapAsync(next));
        Assert.True(await Bed.ImapAsync(old));
        JsonObject device = await Bed.WaitForDeviceAsync(Key("rotating"), "Ready", "True", Reasons.Retiring);
        Assert.Equal(
            ["Current", "Retiring"], device["status"]!["credentials"]!.AsArray().Select(one => (string)one!["state"]!));
        DateTimeOffset retireAt = Rfc3339.Parse((string)device["status"]!["credentials"]![1]!["retireAt"]!)!.Value;

        await Eventually.TrueAsync("the old password is refused", async () => !await Bed.ImapAsync(old));
        Assert.True(
            TimeProvider.System.GetUtcNow() >= retireAt, "The old password was refused before its overlap ended.");
        Assert.True(await Bed.ImapAsync(next));
        await Bed.WaitForDeviceAsync(Key("rotating"), "Ready", "True", Reasons.Issued);
        Assert.Equal([old["password"], next["password"]], Bed.Ledger.PasswordsOf(Key("rotating")));
    }

    [Fact]
    public async Task Rotate_SameTokenRemovedAndSetAgainAcrossARestart_RotatesOnce()
    {
        await Cluster.CreateDeviceAsync(Namespace, "once", "{mailbox: once@example.com}");
        await Bed.WaitForDeviceAsync(Key("once"), "Ready", "True");
        DeviceSecret first = await Bed.SecretAsync(Key("once"));
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("once"), Annotations.Rotate, "token");
        DeviceSecret second = await NextSecretAsync("once", first);

        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("once"), Annotations.Rotate, null);
        await Bed.Operator.StopAsync();
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("once"), Annotations.Rotate, "token");
        await Bed.Operator.StartAsync();
        await HandledAsync("once");

        Assert.Equal(second.ResourceVersion, (await Bed.SecretAsync(Key("once"))).ResourceVersion);
    }

    [Fact]
    public async Task Rotate_ByInterval_ComesWhenTheStatusSaysAndARestartDoesNotMoveIt()
    {
        await Cluster.CreateDeviceAsync(
            Namespace, "scheduled", "{mailbox: scheduled@example.com, rotation: {interval: 30s, overlap: 10s}}");
        JsonObject device = await Bed.WaitForDeviceAsync(Key("scheduled"), "Ready", "True");
        DeviceSecret old = await Bed.SecretAsync(Key("scheduled"));
        string next = (string)device["status"]!["nextRotationTime"]!;
        await Bed.Operator.StopAsync();
        await Bed.Operator.StartAsync();
        await HandledAsync("scheduled");
        Assert.Equal(
            next,
            (string)(await Cluster.FindAsync(ApiGroup.MailDevices, Key("scheduled")))!["status"]!["nextRotationTime"]!);
        Assert.Equal(old.ResourceVersion, (await Bed.SecretAsync(Key("scheduled"))).ResourceVersion);

        DeviceSecret rotated = await NextSecretAsync("scheduled", old);

        Assert.True(TimeProvider.System.GetUtcNow() >= Rfc3339.Parse(next), "It was rotated before its time.");
        Assert.True(await Bed.ImapAsync(old));
        Assert.True(await Bed.ImapAsync(rotated));
        await Eventually.TrueAsync("the old password is refused", async () => !await Bed.ImapAsync(old));
    }

    [Fact]
    public async Task Rotate_ByIntervalWithAWindow_WaitsForItToOpen()
    {
        DateTimeOffset later = TimeProvider.System.GetUtcNow().AddDays(100);
        string Device(string name, string cron) =>
            $"{{mailbox: {name}@example.com, rotation: {{interval: 10s, overlap: 1s, window: {{cron: "
            + $"\"{cron}\", duration: 1h, timeZone: UTC}}}}}}";
        await Cluster.CreateDeviceAsync(Namespace, "closed", Device("closed", $"0 4 {later.Day} {later.Month} *"));
        JsonObject closed = await Bed.WaitForDeviceAsync(Key("closed"), "Ready", "True");
        DeviceSecret before = await Bed.SecretAsync(Key("closed"));
        await Cluster.CreateDeviceAsync(Namespace, "open", Device("open", "* * * * *"));
        await Bed.WaitForDeviceAsync(Key("open"), "Ready", "True");

        await NextSecretAsync("open", await Bed.SecretAsync(Key("open")));

        // The one with the closed window was issued earlier. Without the window its rotation would be due within a
        // second.
        await HandledAsync("closed");
        await Eventually.TrueAsync("the closed one's interval is over", () => Task.FromResult(
            TimeProvider.System.GetUtcNow() > Rfc3339.Parse((string)closed["status"]!["issuedAt"]!)!.Value
                .AddSeconds(11)));
        await HandledAsync("closed");
        Assert.Equal(before.ResourceVersion, (await Bed.SecretAsync(Key("closed"))).ResourceVersion);
        DateTimeOffset next = Rfc3339.Parse((string)closed["status"]!["nextRotationTime"]!)!.Value;
        Assert.Equal((later.Date, 4), (next.Date, next.Hour));
    }

    [Fact]
    public async Task RotateAndRevoke_ByAnnotation_OldPasswordEndsAtOnce()
    {
        await Cluster.CreateDeviceAsync(Namespace, "leaked", "{mailbox: leaked@example.com}");
        await Bed.WaitForDeviceAsync(Key("leaked"), "Ready", "True");
        DeviceSecret leaked = await Bed.SecretAsync(Key("leaked"));
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("leaked"), Annotations.Rotate, "before");
        DeviceSecret second = await NextSecretAsync("leaked", leaked);
        Assert.True(await Bed.ImapAsync(leaked)); // within the overlap of 24 h

        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("leaked"), Annotations.RotateAndRevoke, "now");
        DeviceSecret third = await NextSecretAsync("leaked", second);

        await Eventually.TrueAsync("both earlier passwords are refused", async () =>
            !await Bed.ImapAsync(leaked) && !await Bed.ImapAsync(second));
        Assert.True(await Bed.ImapAsync(third));
    }

    [Fact]
    public async Task Paused_Device_IsNotTouchedUntilItIsNot()
    {
        await Cluster.CreateDeviceAsync(Namespace, "paused", "{mailbox: paused@example.com}");
        await Bed.WaitForDeviceAsync(Key("paused"), "Ready", "True");
        DeviceSecret before = await Bed.SecretAsync(Key("paused"));
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("paused"), Annotations.Paused, "true");
        await Bed.WaitForDeviceAsync(Key("paused"), "Ready", "True", Reasons.Paused);

        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("paused"), Annotations.Rotate, "later");
        await HandledAsync("paused");
        Assert.Equal(before.ResourceVersion, (await Bed.SecretAsync(Key("paused"))).ResourceVersion);

        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("paused"), Annotations.Paused, null);
        Assert.True(await Bed.ImapAsync(await NextSecretAsync("paused", before)));
    }

    private Task<DeviceSecret> NextSecretAsync(string name, DeviceSecret before) =>
        Eventually.GetAsync($"Secret {name} has another password", async () =>
            await Bed.SecretAsync(Key(name)) is { } now && now["password"] != before["password"] ? now : null);
}
