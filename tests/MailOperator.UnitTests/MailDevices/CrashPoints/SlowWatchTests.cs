using System.Text.Json.Nodes;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>Caches that lag for longer than a retry takes.</summary>
public sealed class SlowWatchTests
{
    [Fact]
    public async Task Status_OwnWriteNotInCacheYet_IsReplaced()
    {
        // Mutant: compare with the cache alone. It still shows Ready, so nothing would replace the "not ready" of the
        // failed pass. A written status wakes nobody, so the device would look broken until the next resync.
        World world = await World.AtRestAsync();
        using var one = new SimulatedOperator(world, isLagging: false);
        await one.StartAsync();
        await one.RunForAsync(TimeSpan.FromMinutes(1));
        one.IsWatchSilent = true;
        one.Wire.Arm(Fault.Refused, 1);
        one.Wake();

        await one.RunForAsync(TimeSpan.FromSeconds(20));
        one.IsWatchSilent = false;
        await one.RunForAsync(TimeSpan.FromHours(1));

        Assert.Equal("True", Ready(world));
    }

    [Fact]
    public async Task Pass_EveryCacheBehindForAMinute_DoesNoHarm()
    {
        foreach (Scenario scenario in Scenario.All.Where(
            static one => !one.IsFirst && !one.HasVerification && one.Before is null))
        {
            World world = await World.AtRestAsync();
            using var one = new SimulatedOperator(world, isLagging: false);
            await one.StartAsync();
            await one.RunForAsync(TimeSpan.FromMinutes(1));

            scenario.Act(world);
            one.IsWatchSilent = true;
            one.Wake();
            await one.RunForAsync(TimeSpan.FromMinutes(1));
            one.IsWatchSilent = false;
            await one.RunForAsync(TimeSpan.FromMinutes(5));

            await CrashRun.JudgeAsync(world, one);
            Assert.True(
                world.Oracle.Violations.Count == 0, $"{scenario}: {string.Join('\n', world.Oracle.Violations)}");
        }
    }

    [Fact]
    public async Task Pass_LinkReplacedByAnotherOperator_LeavesIt()
    {
        // Mutant: replace the link without a check of its version. Whoever has the other operator's link would find
        // it dead.
        var world = new World();
        using SimulatedOperator other = new(world, isLagging: false), one = new(world, isLagging: false);
        await other.StartAsync();
        await one.StartAsync();
        world.Invite();
        await one.RunForAsync(TimeSpan.FromMinutes(1));
        string first = Link();
        world.Cluster.Edit("deviceinvitations", World.InvitationKey, static invitation => invitation.Remove("status"));
        one.Wire.Arm(Fault.Refused, 1);
        await one.RunForAsync(TimeSpan.Zero);
        one.IsWatchSilent = true;
        await other.RunForAsync(TimeSpan.FromMinutes(1));
        string second = Link();

        await one.RunForAsync(TimeSpan.FromMinutes(1));

        Assert.NotEqual(first, second);
        Assert.Equal(second, Link());

        string Link() => world.Cluster.Find("secrets", World.LinkKey)!["data"]!["url"]!.GetValue<string>();
    }

    [Fact]
    public async Task Pass_DeviceMadeAndDeletedWhileTheCacheWasBehind_IsNotMadeAgain()
    {
        // Mutant: create the device without a check of the invitation's version. The record in the cache does not name
        // the device yet, so deleting it would not end the claim.
        var world = new World();
        using SimulatedOperator other = new(world, isLagging: false), one = new(world, isLagging: false);
        await other.StartAsync();
        await one.StartAsync();
        world.Invite();
        await one.RunForAsync(TimeSpan.FromMinutes(1));
        world.Cluster.IsForbidden = static path => path.EndsWith("/maildevices", StringComparison.Ordinal);
        world.Claim("tak3n0123456789abcdefghijklmnopq", isChosen: false);
        await one.RunForAsync(TimeSpan.FromMinutes(1)); // until the claim is recorded
        one.IsWatchSilent = true;
        world.Cluster.IsForbidden = static _ => false;
        await other.RunForAsync(TimeSpan.FromMinutes(5));
        Assert.Single(world.Cluster.All("maildevices"));
        world.Cluster.Delete("maildevices", World.DeviceKey);
        await other.RunForAsync(TimeSpan.FromMinutes(5));

        one.Wake();
        await one.RunForAsync(TimeSpan.FromMinutes(5));

        Assert.Empty(world.Cluster.All("maildevices"));
    }

    [Fact]
    public async Task Pass_SecretReplacedByAnotherOperator_KeepsItsSlot()
    {
        // Mutant: no live read before slots are removed. The remembered Secret does not name the other operator's
        // slot, and the grace of that slot is over.
        World world = await World.AtRestAsync();
        using SimulatedOperator other = new(world, isLagging: false), one = new(world, isLagging: false);
        await other.StartAsync();
        await one.StartAsync();
        await one.RunForAsync(TimeSpan.Zero);
        one.IsWatchSilent = true;
        Scenario.All.Single(static one => one.Name == "Secret deleted").Act(world);
        await other.RunForAsync(TimeSpan.FromMinutes(5));

        one.Wake();
        await one.RunForAsync(TimeSpan.FromMinutes(1));

        Assert.Empty(world.Oracle.Violations);
        Assert.Equal(2, world.Slots.Of(World.Owner).Count);
    }

    [Fact]
    public async Task Pass_TokenHandledByAnotherOperator_IsNotHandledBackwards()
    {
        // Mutant: trust the cached device. Its older token differs from the one that the Secret records as handled.
        World world = await World.AtRestAsync();
        using SimulatedOperator other = new(world, isLagging: false), one = new(world, isLagging: false);
        await other.StartAsync();
        await one.StartAsync();
        await one.RunForAsync(TimeSpan.Zero);
        one.IsWatchSilent = true;
        Scenario.Rotate.Act(world);
        await other.RunForAsync(TimeSpan.FromMinutes(5));
        int issued = world.Oracle.Issued;

        one.Wake();
        await one.RunForAsync(TimeSpan.FromMinutes(1));
        one.IsWatchSilent = false;
        await one.RunForAsync(TimeSpan.FromMinutes(5));

        Assert.Empty(world.Oracle.Violations);
        Assert.Equal(issued, world.Oracle.Issued);
    }

    private static string? Ready(World world) =>
        ((JsonNode)world.Device!)["status"]!["conditions"]![0]!["status"]!.GetValue<string>();
}
