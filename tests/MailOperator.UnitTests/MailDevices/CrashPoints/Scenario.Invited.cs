using System.Text.Json.Nodes;
using MailOperator.Api;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <content>Invitations, their links and claims.</content>
internal sealed partial record Scenario
{
    private static Scenario[] Invited()
    {
        Scenario[] invited =
        [
            new("invite", static world => world.Invite()) { IsFirst = true },
            new("invite by mail", static world => world.Invite(isMailed: true)) { IsFirst = true },
            new(
                "mail once more",
                static world => world.Cluster.Edit("deviceinvitations", World.InvitationKey, static invitation =>
                    invitation["metadata"]!["annotations"] = new JsonObject { [Annotations.Resend] = "two" }))
            {
                Before = static world => world.Invite(isMailed: true),
            },
            new("claim", static world => world.Claim(Taken, isChosen: false)),
            new("claim with a chosen password", static world => world.Claim(FirstChoice, isChosen: true)),
            new("claim while the grant is withdrawn", static world =>
            {
                world.IsGrantRevoked = true;
                world.Claim(Taken, isChosen: false);
            }),
            new("link deleted", static world => world.Cluster.Delete("secrets", World.LinkKey)),
            new("link forged", static world => world.Cluster.Edit("secrets", World.LinkKey, static link =>
                link["data"]!["url"] = Base64($"https://portal.test/i/{new string('a', 43)}"))),
            new(
                "deleted before a claim",
                static world => world.Cluster.Delete("deviceinvitations", World.InvitationKey)),
            new(
                "deleted after its claim",
                static world => world.Cluster.Delete("deviceinvitations", World.InvitationKey))
            {
                Then = Take,
            },
            new("device deleted", Delete.Act) { Then = Take },
            new("device restored", static world => world.Restore(isFromGit: false)) { Then = Take },
            new("Secret deleted", static world => world.Cluster.Delete("secrets", World.DeviceKey)) { Then = Take },
            new("hash edited", static world => world.EditSecret(static secret =>
                secret["data"]!["hash"] = Base64(
                    BCrypt.Net.BCrypt.HashPassword("mine mine mine mine", BCrypt.Net.BCrypt.GenerateSalt(4, 'y')))))
            { Then = Take },
            new("slots lost", static world =>
            {
                world.Oracle.Excuse(Taken);
                world.Slots.Remove(World.Owner);
            })
            { Then = Take, IsFoundByProbe = true },
            new("suspend", static world => world.EditDevice(static device => device["spec"]!["suspended"] = true))
            {
                Then = Take,
            },
            new("rotate", static world => world.EditDevice(static device =>
                device["metadata"]!["annotations"] = new JsonObject { [Annotations.Rotate] = "two" })) { Then = Take },
            new("status lost", LoseStatus) { Then = Take, IsFoundByProbe = true },
            new("status lost before a claim", static world => // it may have held a claim
            {
                world.Oracle.DeadLink = world.Invitation!["status"]!["tokenHash"]!.GetValue<string>();
                LoseStatus(world);
            })
            { IsFoundByProbe = true },
            new("status lost before the mail system had the password", static world =>
            {
                world.IsClaimLost = true;
                LoseStatus(world);
                world.IsGrantRevoked = false;
            })
            {
                Then = static world =>
                {
                    world.IsGrantRevoked = true;
                    Take(world);
                },
                IsFoundByProbe = true,
            },
        ];
        return [.. invited.Select(static one => one with
        {
            Name = $"invitation, {one.Name}",
            IsInvited = true,
            Before = one.IsFirst ? null : one.Before ?? (static world => world.Invite()),
        })];
    }

    private const string Taken = "tak3n0123456789abcdefghijklmnopq";

    private static void Take(World world) => world.Claim(Taken, isChosen: false);

    private static void LoseStatus(World world) =>
        world.Cluster.Edit("deviceinvitations", World.InvitationKey, static invitation => invitation.Remove("status"));
}
