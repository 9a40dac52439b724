using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices;

public sealed class CrashTests(ITestOutputHelper output) : OperatorTest
{
    private const int Kills = 20;
    private const int Devices = 12;

    [Fact]
    public async Task Kill_AtRandomMomentsOfALoad_LosesNothingAndLeavesNothing()
    {
        int seed = Random.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var refused = new List<string>();
        using var load = new CancellationTokenSource();
        Task loading = LoadAsync(new Random(seed + 1), load.Token);
        Task checking = CheckAsync(refused, load.Token);
        try
        {
            for (int kill = 0; kill < Kills; kill++)
            {
                await Task.Delay(
                    TimeSpan.FromMilliseconds(random.Next(50, 1200)), TimeProvider.System,
                    TestContext.Current.CancellationToken);
                await Bed.KillAndRestartAsync();
            }
        }
        finally
        {
            await load.CancelAsync();
        }

        await loading;
        await checking;
        Assert.Empty(refused);
        await ConvergedAsync();
    }

    private static Random Random { get; } = new();

    /// <summary>Creates, rotates, revokes and deletes all the time.</summary>
    private async Task LoadAsync(Random random, CancellationToken stop)
    {
        for (int step = 0; !stop.IsCancellationRequested; step++)
        {
            string name = $"c{random.Next(Devices)}";
            try
            {
                switch (random.Next(6))
                {
                    case 0:
                        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key(name));
                        break;
                    case 1:
                        await Cluster.AnnotateAsync(
                            ApiGroup.MailDevices, Key(name), Annotations.RotateAndRevoke, $"r{step}");
                        break;
                    case 2 or 3:
                        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key(name), Annotations.Rotate, $"t{step}");
                        break;
                    default:
                        await Cluster.CreateDeviceAsync(
                            Namespace, name, "{mailbox: crash@example.com, rotation: {overlap: 2s}}");
                        break;
                }
            }
            catch (ApiException e) when (e.IsNotFound || e.IsConflict)
            {
                // It does not exist, or exists already: go on with another step.
            }

            await Task.Delay(
                TimeSpan.FromMilliseconds(random.Next(20, 80)), TimeProvider.System,
                TestContext.Current.CancellationToken);
        }
    }

    /// <summary>
    /// A password that is in a Secret before and after a login must be accepted. Dovecot checks its file once a second,
    /// so a refusal counts only if it lasts longer.
    /// </summary>
    private async Task CheckAsync(List<string> refused, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            foreach (JsonObject json in await Cluster.ListAsync(ResourceType.Secrets, Namespace))
            {
                var key = new ObjectKey(Namespace, (string)json["metadata"]!["name"]!);
                if (!await IsAcceptedSoonAsync(key, json))
                {
                    refused.Add($"{key}: {(string)json["metadata"]!["annotations"]!["mailoperator.io/credential"]!}");
                }
            }
        }
    }

    private async Task<bool> IsAcceptedSoonAsync(ObjectKey key, JsonObject json)
    {
        var shown = new DeviceSecret(json);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (TimeSpan begun = clock.Elapsed; !await Bed.ImapAsync(shown); begun = clock.Elapsed)
        {
            if (await Cluster.FindAsync(ResourceType.Secrets, key) is not { } now
                || new DeviceSecret(now).ResourceVersion != shown.ResourceVersion
                || await Cluster.FindAsync(ApiGroup.MailDevices, key) is not { } device
                || device["metadata"]!["deletionTimestamp"] is not null
                || IsToldToEnd(device, now))
            {
                return true; // replaced or being revoked, so a refusal is no failure
            }

            if (begun > TimeSpan.FromSeconds(1.5))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// A leaked password is revoked before the Secret has the next one. The operator may be killed in between.
    /// </summary>
    private static bool IsToldToEnd(JsonObject device, JsonObject secret) =>
        (string?)device["metadata"]!["annotations"]?[Annotations.RotateAndRevoke] is { } token
        && (string?)secret["metadata"]!["annotations"]?[Annotations.HandledRotateAndRevoke] != token;

    private async Task ConvergedAsync()
    {
        await Eventually.TrueAsync("every device is Ready, with one slot each", TimeSpan.FromMinutes(2), async () =>
        {
            IReadOnlyList<JsonObject> devices = await Cluster.ListAsync(ApiGroup.MailDevices, Namespace);
            return devices.All(device => device["metadata"]!["deletionTimestamp"] is null
                && (string?)Status.Condition(device, "Ready")?["reason"] == Reasons.Issued
                && SelectorsOf(device).Length == 1);
        });
        IReadOnlyList<JsonObject> left = await Cluster.ListAsync(ApiGroup.MailDevices, Namespace);
        foreach (JsonObject device in left)
        {
            var key = new ObjectKey(Namespace, (string)device["metadata"]!["name"]!);
            Assert.True(await Bed.ImapAsync(await Bed.SecretAsync(key)), $"{key} does not log in.");
        }

        HashSet<string> owners = [.. left.Select(device => (string)device["metadata"]!["uid"]!)];
        Assert.All(
            Bed.PasswdLines().Where(line => line.Contains("/crash@example.com/", StringComparison.Ordinal)),
            line => Assert.Contains(owners, owner => line.Contains(owner, StringComparison.Ordinal)));
        Assert.Equal(left.Count, (await Cluster.ListAsync(ResourceType.Secrets, Namespace))
            .Count(secret => (string)secret["type"]! == "servicebinding.io/smtp"));
        output.WriteLine(
            $"{left.Count} devices left after {Kills} kills, {Bed.Ledger.Passwords.Count} passwords seen so far.");
    }

    private string[] SelectorsOf(JsonObject device) =>
        [.. Bed.PasswdLines(device).Select(line => line.Split(':')[0].Split('/')[^1]).Distinct()];
}
