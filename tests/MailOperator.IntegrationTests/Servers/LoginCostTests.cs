using System.Diagnostics;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.MailDevices;

namespace MailOperator.IntegrationTests.Servers;

[Trait(RunsTrait.Name, RunsTrait.Alone)]
public sealed class LoginCostTests : OperatorTest
{
    private const int Many = 100;
    private const double MaxCost = 1.1;

    // The shortest of many tries is the actual cost, without other load of the machine.
    private const int MinTries = 20;
    private const int MaxTries = 300;

    [Fact]
    public async Task Login_ToAMailboxOfAHundredDevices_CostsWhatALoginToOneDoes()
    {
        await Bed.HashAtDefaultCostAsync();
        await Task.WhenAll(Enumerable.Range(0, Many).Select(number =>
            Cluster.CreateDeviceAsync(Namespace, $"many-{number}", "{mailbox: many@example.com, protocols: [IMAP]}")));
        await Cluster.CreateDeviceAsync(Namespace, "single", "{mailbox: single@example.com, protocols: [IMAP]}");
        await Bed.WaitForDeviceAsync(Key("single"), "Ready", "True");
        DeviceSecret single = await Bed.SecretAsync(Key("single"));
        foreach (int number in Enumerable.Range(0, Many))
        {
            await Bed.WaitForDeviceAsync(Key($"many-{number}"), "Ready", "True", limit: TimeSpan.FromSeconds(60));
        }

        // The last of a hundred lines, which a server that tries them in turn reaches last.
        string last = Bed.PasswdLines()
            .Last(static line => line.StartsWith("imap/many@example.com/", StringComparison.Ordinal));
        string name = last.Split("device=")[1].Split(' ')[0].Split('/')[1];
        DeviceSecret oneOfMany = await Bed.SecretAsync(Key(name));
        await Eventually.TrueAsync(
            "both log in", async () => await Bed.ImapAsync(single) && await Bed.ImapAsync(oneOfMany));

        (TimeSpan one, TimeSpan many) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (int tries = 0; tries < MinTries || (tries < MaxTries && many > one * MaxCost); tries++)
        {
            one = Min(one, await TimeAsync(single));
            many = Min(many, await TimeAsync(oneOfMany));
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"A login: {one.TotalMilliseconds:F1} ms with 1 device, {many.TotalMilliseconds:F1} ms with {Many}");
        Assert.True(
            many <= one * MaxCost,
            $"A login takes {many.TotalMilliseconds:F1} ms with {Many} devices and "
            + $"{one.TotalMilliseconds:F1} ms with one.");
    }

    private async Task<TimeSpan> TimeAsync(DeviceSecret secret)
    {
        long start = Stopwatch.GetTimestamp();
        Assert.True(await Bed.ImapAsync(secret));
        return Stopwatch.GetElapsedTime(start);
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
