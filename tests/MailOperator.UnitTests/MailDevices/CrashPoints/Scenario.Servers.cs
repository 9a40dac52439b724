using MailOperator.Api;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <content>Mail servers that are notified of ends, or asked what they accept.</content>
internal sealed partial record Scenario
{
    private static Scenario[] NotifiesServers()
    {
        Scenario[] ends =
        [
            new("delete", Delete.Act),
            new("rotate and revoke", static world =>
            {
                world.Oracle.Overlap = TimeSpan.Zero;
                Annotate(world, Annotations.RotateAndRevoke, "leak");
            }),
            new("end of the overlap", static _ => { })
            {
                Before = static world => Annotate(world, Annotations.Rotate, "two"),
                Waits = World.Overlap - TimeSpan.FromMinutes(1),
            },
            new("suspend", static world => world.EditDevice(static device => device["spec"]!["suspended"] = true)),
            new("expire", static world => Expire(world, TimeSpan.Zero)),
            new("delete while suspended", Delete.Act)
            {
                Before = static world => world.EditDevice(static device => device["spec"]!["suspended"] = true),
            },
        ];
        return [.. ends.Select(static end => end with { Name = $"{end.Name}, servers told", HasDoveadm = true })];
    }

    private static Scenario[] Verified()
    {
        Scenario[] tried =
        [
            Create,
            Rotate,
            Delete,
            new("create at a server that refuses", static world =>
            {
                RefuseForAWhile(world);
                world.CreateDevice();
            })
            { IsFirst = true },
            new("rotate at a server that refuses", static world =>
            {
                RefuseForAWhile(world);
                Annotate(world, Annotations.Rotate, "two");
            }),
            new("rotate and revoke at a server that refuses", static world =>
            {
                RefuseForAWhile(world);
                world.Oracle.Overlap = TimeSpan.Zero;
                Annotate(world, Annotations.RotateAndRevoke, "leak");
            })
            { Lasts = TimeSpan.FromMinutes(7) },
            new("rotate and revoke", static world =>
            {
                world.Oracle.Overlap = TimeSpan.Zero;
                Annotate(world, Annotations.RotateAndRevoke, "leak");
            }),
            new("rotate and revoke at a server that goes on accepting", static world =>
            {
                world.Server.AcceptsAllUntil = world.Clock.GetUtcNow() + TimeSpan.FromSeconds(12);
                world.Oracle.Overlap = TimeSpan.Zero;
                Annotate(world, Annotations.RotateAndRevoke, "leak");
            }),
            new("expire", static world => Expire(world, TimeSpan.Zero)),
            new("end of the overlap", static _ => { })
            {
                Before = static world => Annotate(world, Annotations.Rotate, "two"),
                Waits = World.Overlap - TimeSpan.FromMinutes(1),
            },
            new("delete at a server that goes on accepting", static world =>
            {
                world.Server.AcceptsAllUntil = world.Clock.GetUtcNow() + TimeSpan.FromSeconds(12);
                Delete.Act(world);
            }),
        ];
        return [.. tried.Select(static one => one with { Name = $"{one.Name}, verified", HasVerification = true })];
    }

    private static void RefuseForAWhile(World world) =>
        world.Server.RefusesUntil = world.Clock.GetUtcNow() + TimeSpan.FromSeconds(12);
}
