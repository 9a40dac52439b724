using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>People and mail systems that misbehave.</summary>
public sealed class BadCompanyTests
{
    [Theory]
    [InlineData("boss@example.com")] // mutant: check the grant after the listing
    [InlineData("alerts@example.com.evil.com")]
    [InlineData("not an address")]
    public async Task Create_MailboxNotGranted_MakesNoCallToTheBackend(string mailbox)
    {
        var world = new World();
        world.CreateDevice(mailbox);
        using var one = await StartedAsync(world);

        one.Wake();
        await one.RunForAsync(TimeSpan.FromHours(1));

        Assert.DoesNotContain(one.Wire.Calls, static call => call.StartsWith("backend", StringComparison.Ordinal));
        Assert.Empty(world.SecretsOfDevice());
        Assert.Equal("False", Ready(world)["status"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Deployment")]
    public async Task Create_SecretIsForeign_LeavesItAndReportsIt(string? owner)
    {
        // Mutant: create or update. The owner's data would be lost, and its password would reach the mail system.
        var world = new World();
        world.CreateDevice();
        JsonObject theirs = Secret(owner);
        world.Cluster.Create("secrets", "shop", theirs);
        string before = theirs.ToJsonString();
        using var one = await StartedAsync(world);

        await one.RunForAsync(TimeSpan.FromHours(1));

        Assert.Equal(before, world.Cluster.Find("secrets", World.DeviceKey)!.ToJsonString());
        Assert.Equal(Reasons.SecretForeign, Ready(world)["reason"]!.GetValue<string>());
        Assert.Empty(world.Slots.Of(World.Owner));
    }

    [Fact]
    public async Task Create_ForeignSecretRemoved_Issues()
    {
        var world = new World();
        world.CreateDevice();
        world.Cluster.Create("secrets", "shop", Secret(null));
        using var one = await StartedAsync(world);
        await one.RunForAsync(TimeSpan.FromHours(1));

        world.Cluster.Delete("secrets", World.DeviceKey);
        await one.RunForAsync(TimeSpan.FromMinutes(2));

        Assert.Equal("True", Ready(world)["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Create_ApiServerFailsAtTheSecret_LeavesOneSlotAtMost()
    {
        // Mutant: no memory of what was pushed. Each retry would leave a slot for the time of the grace.
        var world = new World();
        world.CreateDevice();
        world.Cluster.IsBroken = static path => path.EndsWith("/shop/secrets", StringComparison.Ordinal);
        using var one = await StartedAsync(world);
        int tries = one.Wire.Calls.Count(static call => call.EndsWith("/shop/secrets", StringComparison.Ordinal));
        int left = world.Slots.Of(World.Owner).Count;

        world.Cluster.IsBroken = static _ => false;
        one.Wake();
        await one.RunForAsync(TimeSpan.FromSeconds(20));

        Assert.InRange(tries, 3, 100);
        Assert.Equal(1, left);
        Assert.Single(world.Slots.Of(World.Owner));
        Assert.Equal("True", Ready(world)["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Create_SecretIsRefused_LeavesNoSlotBehind()
    {
        // Mutant: leave the slot of a refused write. Nobody can read its password, and each retry would add another.
        var world = new World();
        world.CreateDevice();
        world.Cluster.IsForbidden = static path => path.EndsWith("/shop/secrets", StringComparison.Ordinal);
        using var one = await StartedAsync(world);

        Assert.Equal(Reasons.WriteRefused, Ready(world)["reason"]!.GetValue<string>());
        Assert.Empty(world.Slots.Of(World.Owner));

        world.Cluster.IsForbidden = static _ => false;
        await one.RunForAsync(TimeSpan.FromMinutes(30));

        Assert.Equal("True", Ready(world)["status"]!.GetValue<string>());
        Assert.Single(world.Slots.Of(World.Owner));
    }

    [Fact]
    public async Task Delete_BackendLies_KeepsTheDeviceUntilItsSlotsAreGone()
    {
        // Mutant: trust the answer. The object would be gone, but its password would work forever.
        World world = await World.AtRestAsync();
        using var one = await StartedAsync(world);
        world.Slots.IsLying = true;
        Scenario.Delete.Act(world);

        await one.RunForAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(Reasons.RevocationBlocked, Ready(world)["reason"]!.GetValue<string>());
        world.Slots.IsLying = false;
        await one.RunForAsync(TimeSpan.FromMinutes(10));

        Assert.Null(world.Device);
        Assert.Empty(world.Slots.Of(World.Owner));
    }

    [Fact]
    public async Task Delete_StatusLost_StillRevokes()
    {
        World world = await World.AtRestAsync();
        world.EditDevice(static device => device.Remove("status"));
        using var one = await StartedAsync(world);
        Scenario.Delete.Act(world);

        await one.RunForAsync(TimeSpan.FromMinutes(1));

        Assert.Null(world.Device);
        Assert.Empty(world.Slots.Of(World.Owner));
    }

    [Fact]
    public async Task Status_Lost_IsRebuiltWithoutARotation()
    {
        // Mutant: keep the epoch or the handled token in the status.
        World world = await World.AtRestAsync();
        string before = world.Device!["status"]!["credentials"]!.ToJsonString();
        using var one = await StartedAsync(world);
        world.EditDevice(static device => device.Remove("status"));

        one.Wake();
        await one.RunForAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(1, world.Oracle.Issued);
        Assert.Equal(before, world.Device!["status"]!["credentials"]!.ToJsonString());
        Assert.Equal("True", Ready(world)["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Token_RemovedAndSetBackManyTimes_RotatesOnce()
    {
        World world = await World.AtRestAsync();
        using var one = await StartedAsync(world);
        for (int time = 0; time < 10; time++)
        {
            Scenario.Rotate.Act(world);
            await one.RunForAsync(TimeSpan.FromMinutes(1));
            world.EditDevice(
                static device => device["metadata"]!["annotations"]!.AsObject().Remove(Annotations.Rotate));
            await one.RunForAsync(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(2, world.Oracle.Issued);
        Assert.Empty(world.Oracle.Violations);
    }

    [Fact]
    public async Task Rotate_BackendSlow_CountsTheOverlapFromTheCommit()
    {
        // Mutant: keep the planned end of the old password. A slow backend would shorten the overlap.
        World world = await World.AtRestAsync();
        using var one = await StartedAsync(world);
        Action judge = world.Slots.Changed;
        world.Slots.Changed = () =>
        {
            judge();
            world.Slots.Changed = judge;
            world.Clock.Advance(TimeSpan.FromSeconds(10)); // less than a call's timeout
        };
        Scenario.Rotate.Act(world);

        await one.RunForAsync(TimeSpan.FromMinutes(1));
        await one.RunForAsync(World.Overlap + TimeSpan.FromHours(1));

        Assert.Empty(world.Oracle.Violations);
        Assert.Equal(2, world.Oracle.Issued);
        Assert.Single(world.Slots.Of(World.Owner));
    }

    [Fact]
    public async Task Rotate_RestartForbidden_ReportsItAndRestartsTheOthersOnce()
    {
        // Mutants: stop at the first refusal; retry at once, four times a pass; forget the owed restart.
        World world = await World.AtRestAsync();
        using var one = await StartedAsync(world);
        Scenario.Workloads(world);
        world.Cluster.IsForbidden = static path => path.EndsWith("/deployments/web", StringComparison.Ordinal);
        Scenario.Rotate.Act(world);
        one.Wire.Arm(Fault.None, 0);

        await one.RunForAsync(TimeSpan.FromSeconds(150));

        JsonNode pending = Assert.Single(
            world.Device!["status"]!["conditions"]!.AsArray(),
            static condition => condition!["type"]!.GetValue<string>() == ConditionTypes.RestartPending)!;
        Assert.Equal(Reasons.RestartRefused, pending["reason"]!.GetValue<string>());
        Assert.Contains("Deployment 'web'", pending["message"]!.GetValue<string>());
        Assert.Equal("True", Ready(world)["status"]!.GetValue<string>());
        Assert.Equal((1, 2), (Generation(world, "deployments"), Generation(world, "daemonsets")));
        Assert.InRange(
            one.Wire.Calls.Count(static call => call.EndsWith("/deployments/web", StringComparison.Ordinal)), 2, 4);

        world.Cluster.IsForbidden = static _ => false;
        await one.RunForAsync(TimeSpan.FromMinutes(2));

        world.Oracle.JudgeRest();
        Assert.Empty(world.Oracle.Violations);
        Assert.Equal((2, 2), (Generation(world, "deployments"), Generation(world, "daemonsets")));
        Assert.DoesNotContain(ConditionTypes.RestartPending, world.Device["status"]!["conditions"]!.ToJsonString());
    }

    private static int Generation(World world, string plural) =>
        world.Cluster.Find(plural, new ObjectKey(World.DeviceKey.Namespace, "web"))!["metadata"]!["generation"]!
            .GetValue<int>();

    private static async Task<SimulatedOperator> StartedAsync(World world)
    {
        var one = new SimulatedOperator(world, isLagging: false);
        await one.StartAsync();
        await one.RunForAsync(TimeSpan.FromMinutes(1));
        return one;
    }

    private static JsonNode Ready(World world) => world.Device!["status"]!["conditions"]![0]!;

    private static JsonObject Secret(string? owner)
    {
        var metadata = new JsonObject
        {
            ["name"] = World.DeviceKey.Name,
            // Anybody can set it.
            ["labels"] = new JsonObject { [Annotations.ManagedByLabel] = Annotations.ManagedByValue },
        };
        if (owner is not null)
        {
            metadata["ownerReferences"] = new JsonArray(
                new JsonObject { ["kind"] = owner, ["name"] = "x", ["uid"] = "uid-secrets-1" });
        }

        return new JsonObject
        {
            ["metadata"] = metadata,
            ["data"] = new JsonObject { ["password"] = "dGhlaXJzLXRoZWlycy10aGVpcnM=" },
        };
    }
}
