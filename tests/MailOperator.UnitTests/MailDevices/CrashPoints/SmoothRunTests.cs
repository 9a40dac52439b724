using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.DeviceInvitations;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>Scenarios without a fault, seen from outside.</summary>
public sealed class SmoothRunTests
{
    [Fact]
    public async Task RotateAndRevoke_WithinTheSamePass_EndsTheOldPassword()
    {
        // Mutant: round the end up to the next second. The leaked password would work for that long.
        World world = await World.AtRestAsync();
        using var one = await StartedAsync(world);
        world.Oracle.Overlap = TimeSpan.Zero;
        world.EditDevice(static device => device["metadata"]!["annotations"]![Annotations.RotateAndRevoke] = "leak");

        await one.RunForAsync(TimeSpan.Zero);

        Assert.Equal(2, world.Oracle.Issued);
        Assert.Equal(world.Oracle.Password[..6], Assert.Single(world.Slots.Of(World.Owner)).Selector);
    }

    [Fact]
    public async Task Delete_AtRest_DeletesTheSecretBeforeTheFinalizer()
    {
        // Mutant: leave the Secret to the garbage collector. It would show a password that no longer works.
        World world = await World.AtRestAsync();
        using var one = await StartedAsync(world);
        one.Wire.Arm(Fault.None, 0);
        Scenario.Delete.Act(world);

        await one.RunForAsync(TimeSpan.Zero);

        Assert.Equal(
            [
                "backend list", "backend remove all", "backend list", "DELETE /api/v1/namespaces/shop/secrets/grafana",
                "PATCH /apis/mailoperator.io/v1alpha1/namespaces/shop/maildevices/grafana",
                "POST /api/v1/namespaces/shop/events",
            ],
            one.Wire.Calls);
    }

    [Fact]
    public async Task Delete_VerifiedWithAnEditedSecret_TriesNoForeignPassword()
    {
        // Mutant: try any password in the Secret. Whoever may write Secrets could guess passwords through the operator.
        World world = await World.AtRestAsync();
        world.HasVerification = true;
        using var one = await StartedAsync(world);
        one.Wire.Arm(Fault.None, 0);
        world.EditSecret(
            static secret => secret["data"]!["password"] = Convert.ToBase64String("a guess of mine 0123"u8));
        Scenario.Delete.Act(world);

        await one.RunForAsync(TimeSpan.FromMinutes(1));

        Assert.DoesNotContain("login", one.Wire.Calls);
        Assert.Null(world.Device);
    }

    [Theory]
    [InlineData("rotate", 3, 4)]
    [InlineData("suspend", 2, 3)]
    [InlineData("username edited", 4, 2)] // the status proves that this version was checked
    [InlineData("slots lost", 2, 3)]
    public async Task Scenario_WithoutAFault_CostsFewCalls(string name, int maxApiCalls, int maxBackendCalls)
    {
        CrashRun run = await CrashRun.OfAsync(
            Scenario.All.Single(one => one.Name == name), Fault.None, 0, TimeSpan.Zero, isLagging: false);

        int backend = run.Calls.Count(static call => call.StartsWith("backend", StringComparison.Ordinal));
        Assert.True(
            backend <= maxBackendCalls && run.Calls.Count - backend <= maxApiCalls, string.Join('\n', run.Calls));
    }

    [Fact]
    public async Task Issue_BackendSupportsExpiry_PutsNoSlotWithoutItsEnd()
    {
        // Mutant: set the end by a later change. An operator that dies in between leaves a password without an end.
        var world = new World { Slots = { SupportsExpiry = true } };
        world.CreateDevice();
        world.EditDevice(device => device["spec"]!["expiry"] = new JsonObject { ["after"] = "30d" });
        Action judge = world.Slots.Changed;
        var ends = new List<DateTimeOffset?>();
        world.Slots.Changed = () =>
        {
            judge();
            ends.AddRange(world.Slots.Of(World.Owner).Select(static slot => slot.NotAfter));
        };
        using var one = new SimulatedOperator(world, isLagging: false);
        await one.StartAsync();

        await one.RunForAsync(TimeSpan.FromMinutes(1));

        Assert.NotEmpty(ends);
        Assert.DoesNotContain(null, ends);
    }

    [Fact]
    public async Task Change_EveryKind_IsAppliedInSomeScenario()
    {
        // A new kind of change without a scenario would have no crash points.
        var applied = new HashSet<string>();
        foreach (Scenario scenario in Scenario.All)
        {
            applied.UnionWith(
                (await CrashRun.OfAsync(scenario, Fault.None, 0, TimeSpan.Zero, isLagging: false)).Changes);
        }

        Assert.Equal(
            typeof(Change).GetNestedTypes()
                .Where(static type => !type.IsAbstract)
                .Select(static type => type.Name)
                .Order(StringComparer.Ordinal), applied.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task InvitationChange_EveryKind_IsAppliedInSomeScenario()
    {
        var applied = new HashSet<string>();
        foreach (Scenario scenario in Scenario.All.Where(static one => one.IsInvited))
        {
            applied.UnionWith((await CrashRun.OfAsync(scenario, Fault.None, 0, TimeSpan.Zero, isLagging: false)).Steps);
        }

        Assert.Equal(
            // It needs another portal.
            typeof(InvitationChange).GetNestedTypes()
                .Select(static type => type.Name)
                .Except([nameof(InvitationChange.RepairLink)])
                .Order(StringComparer.Ordinal),
            applied.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task SecretDeleted_OverAndOver_CostsFewPasswordsAndFewSlots()
    {
        // Mutant: no limit. Whoever may delete Secrets could cause any number of writes to the mail system.
        World world = await World.AtRestAsync();
        using var one = await StartedAsync(world);
        int before = world.Oracle.Issued;
        for (int time = 0; time < 40; time++)
        {
            if (world.SecretsOfDevice().Any())
            {
                world.Cluster.Delete("secrets", World.DeviceKey);
            }

            await one.RunForAsync(TimeSpan.Zero);
        }

        Assert.InRange(world.Oracle.Issued - before, 5, 12);
        // And some whose grace is not over.
        Assert.InRange(world.Slots.Of(World.Owner).Count, 1, RetiringCredential.Max + 5);
    }

    private static async Task<SimulatedOperator> StartedAsync(World world)
    {
        var one = new SimulatedOperator(world, isLagging: false);
        await one.StartAsync();
        await one.RunForAsync(TimeSpan.FromMinutes(1));
        return one;
    }
}
