using MailOperator.Api;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>
/// A run of a scenario with at most one fault, until the device is at rest and every overlap is over.
/// </summary>
/// <param name="Calls">Outward calls of the process with the fault, since the act.</param>
/// <param name="PasswordChanges">New passwords in the device's Secret since the act.</param>
/// <param name="Violations">What the oracle found wrong.</param>
/// <param name="Changes">Kinds of changes that were applied, from the log.</param>
/// <param name="Steps">The same for the invitation.</param>
internal sealed record CrashRun(
    IReadOnlyList<string> Calls,
    int PasswordChanges,
    IReadOnlyList<string> Violations,
    IReadOnlySet<string> Changes,
    IReadOnlySet<string> Steps)
{
    public static async Task<CrashRun> OfAsync(
        Scenario scenario, Fault fault, int at, TimeSpan downtime, bool isLagging)
    {
        World world = scenario.IsFirst || scenario.IsInvited ? new World() : await World.AtRestAsync();
        world.HasDoveadm = scenario.HasDoveadm;
        world.HasVerification = scenario.HasVerification;
        if (scenario.IsIssued)
        {
            await BeginIssuedAsync(world, scenario);
        }

        using var first = new SimulatedOperator(world, isLagging);
        SimulatedOperator? second = null;
        if (!scenario.IsFirst)
        {
            await first.StartAsync();
            scenario.Before?.Invoke(world);
            await first.RunForAsync(scenario.Waits);
            scenario.Then?.Invoke(world);
            await first.RunForAsync(scenario.Then is null ? TimeSpan.Zero : scenario.Waits);
        }

        int issuedBefore = world.Oracle.Issued;
        first.Wire.Arm(fault, at);
        scenario.Act(world);
        if (scenario.IsFoundByProbe)
        {
            first.Wake();
        }

        try
        {
            if (scenario.IsFirst)
            {
                await first.StartAsync();
            }

            await first.RunForAsync(scenario.Lasts);
        }
        catch (ProcessDiedException)
        {
            world.Clock.Advance(downtime);
            second = new SimulatedOperator(world, isLagging);
            await second.StartAsync();
            await second.RunForAsync(scenario.Lasts);
        }

        string[] calls = [.. first.Wire.Calls];
        await JudgeAsync(world, second ?? first);
        second?.Dispose();
        return new CrashRun(
            calls, world.Oracle.Issued - issuedBefore, world.Oracle.Violations, world.Transcript.Logged("Change"),
            world.Transcript.Logged("Step"));
    }

    // The device at rest has a password that the operator generated. One of the backend takes its place.
    private static async Task BeginIssuedAsync(World world, Scenario scenario)
    {
        world.Slots.IsIssuing = true;
        if (scenario.IsFirst)
        {
            return;
        }

        using var earlier = new SimulatedOperator(world, isLagging: false);
        await earlier.StartAsync();
        world.Oracle.Excuse(world.Oracle.Password);
        world.Slots.Remove(World.Owner); // so that the backend generates a new one
        earlier.Wake();
        await earlier.RunForAsync(World.Overlap + TimeSpan.FromMinutes(5));
    }

    /// <summary>Judges the device at rest: now, after all overlaps, and after another start of the operator.</summary>
    public static async Task JudgeAsync(World world, SimulatedOperator running)
    {
        await running.RunForAsync(TimeSpan.FromMinutes(1)); // to recover from a fault in the last pass
        world.Oracle.JudgeRest();
        await running.RunForAsync(World.Overlap + TimeSpan.FromHours(1));
        world.Oracle.JudgeRest();
        int slots = world.Slots.Of(World.Owner).Count;
        world.Oracle.Expect(
            slots == (world.Oracle.IsRetained || !world.HasEnded ? 1 : 0), $"{slots} slots after every overlap");

        await ExpectNoWritesAsync(world, running, "another pass");
        using var anew = new SimulatedOperator(world, isLagging: false);
        await anew.StartAsync();
        await ExpectNoWritesAsync(world, anew, "a restart");
        JudgeServer(world);
        JudgeVerification(world);
        var invitation = new InvitationOracle(world);
        invitation.JudgeInvitation();
        invitation.JudgeMails();
        world.JudgeOthers();
        foreach (string password in world.Oracle.Chosen)
        {
            // Not even its first characters, which a generated password may show.
            world.Oracle.Expect(
                !world.Transcript.Holds(password[..6]), $"a chosen password is readable: {password[..6]}");
        }

        foreach (string password in world.Slots.IsIssuing ? world.Oracle.HandedOut : [])
        {
            world.Oracle.Expect(
                !world.Transcript.Holds(password[6..]), "a password that the mail system made is readable");
        }

        foreach (string leak in world.Transcript.PasswordsAmong(world.Slots.Selectors))
        {
            world.Oracle.Expect(false, leak);
        }
    }

    private static void JudgeServer(World world)
    {
        if (!world.HasDoveadm)
        {
            return;
        }

        world.Oracle.Expect(
            !world.Server.StaleVerdicts.Any(), $"a cache still accepts {string.Join(',', world.Server.StaleVerdicts)}");
        bool isRevoked = world.Device is null
            || world.IsExpired
            || world.IsSuspended
            || world.Oracle.Overlap == TimeSpan.Zero;
        world.Oracle.Expect(
            !isRevoked || !world.Server.StaleSessions.Any(),
            $"sessions of {string.Join(',', world.Server.StaleSessions)} are still open");
    }

    /// <summary>
    /// The mail server was seen to accept the current password, and to refuse each earlier one after its end.
    /// </summary>
    private static void JudgeVerification(World world)
    {
        string? verified = world.Device?["status"]?["conditions"]?.AsArray().FirstOrDefault(
            static one => one!["type"]!.GetValue<string>() == ConditionTypes.Verified)?["status"]?.GetValue<string>();
        world.Oracle.Expect(
            world.Device is null || world.IsExpired || verified == (world.HasVerification ? "True" : null),
            $"Verified is {verified ?? "not there"}");
        if (!world.HasVerification || world.Device is null)
        {
            return;
        }

        string[] unseen = [.. world.Oracle.Replaced.Select(static password => password[..6])
            .Where(selector => !world.Server.Refused.Contains(selector))];
        world.Oracle.Expect(
            unseen.Length == 0, $"of {string.Join(',', unseen)} it was not seen that the mail server refuses them");
        world.Oracle.Expect(
            world.SecretsOfDevice().All(static secret =>
                secret["metadata"]!["annotations"]![Annotations.ToBeRefused] is null), "a password is kept though it "
                    + "has been seen to be refused");
    }

    private static async Task ExpectNoWritesAsync(World world, SimulatedOperator one, string when)
    {
        int before = one.Wire.Writes;
        one.Wire.Arm(Fault.None, 0);
        one.Wake();
        await one.RunForAsync(TimeSpan.FromMinutes(10));
        world.Oracle.Expect(one.Wire.Writes == before, $"{when} wrote: {string.Join(", ", one.Wire.Calls)}");
    }
}
