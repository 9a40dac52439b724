using System.Text.Json.Nodes;
using MailOperator.Api;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <content>A backend that generates the passwords.</content>
internal sealed partial record Scenario
{
    private static Scenario[] Issued()
    {
        Scenario[] issued =
        [
            Create,
            Rotate,
            Delete,
            new("rotate and revoke", static world =>
            {
                world.Oracle.Overlap = TimeSpan.Zero;
                Annotate(world, Annotations.RotateAndRevoke, "leak");
            }),
            new("Secret deleted", static world => world.Cluster.Delete("secrets", World.DeviceKey)),
            new("password edited", static world =>
            {
                string edited = "edited0123456789edited";
                world.Oracle.Excuse(edited);
                world.EditSecret(secret => secret["data"]!["password"] = Base64(edited));
            }),
            new("slots lost", static world =>
            {
                world.Oracle.Excuse(world.Oracle.Password);
                world.Slots.Remove(World.Owner);
            })
            { Lasts = TimeSpan.FromHours(2) }, // no probe finds it
            new(
                "renamed",
                static world => world.EditDevice(static device => device["spec"]!["displayName"] = "Another name")),
            new("protocols made narrower", static world =>
            {
                // The API cannot narrow the earlier password, so it ends before the next one is made.
                world.Oracle.Overlap = TimeSpan.Zero;
                world.Oracle.Excuse(world.Oracle.Password);
                world.EditDevice(static device => device["spec"]!["protocols"] = new JsonArray("IMAP", "SMTP"));
            }),
            new("given to a user", static world =>
            {
                GiveUser(world);
                EditUser(world, static user => user["externalId"] = "42");
            }),
            new("end of the overlap", static _ => { })
            {
                Before = static world => Annotate(world, Annotations.Rotate, "two"),
                Waits = World.Overlap - TimeSpan.FromMinutes(1),
            },
            new("expire", static world => Expire(world, TimeSpan.Zero)),
            new("grant withdrawn", static world => world.IsGrantRevoked = true),
        ];
        return [.. issued.Select(static one => one with { Name = $"{one.Name}, issued", IsIssued = true })];
    }
}
