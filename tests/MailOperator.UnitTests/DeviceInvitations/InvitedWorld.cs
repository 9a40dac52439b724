using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.UnitTests.MailDevices.CrashPoints;

namespace MailOperator.UnitTests.DeviceInvitations;

/// <summary>A world with an invitation, whose status the tests write as somebody with the portal's token can.</summary>
internal static class InvitedWorld
{
    /// <summary>The password of whoever has the portal's token.</summary>
    public const string Theirs = "stolen0123456789abcdefghijklmnop";

    /// <summary>The password of the person who was invited.</summary>
    public const string Hers = "adas0123456789abcdefghijklmnopqr";

    public static async Task<World> InvitedAsync()
    {
        var world = new World();
        using var one = await StartedAsync(world);
        world.Invite();
        await one.RunForAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(Reasons.LinkReady, Reason(world));
        return world;
    }

    public static async Task<SimulatedOperator> StartedAsync(World world)
    {
        var one = new SimulatedOperator(world, isLagging: false);
        await one.StartAsync();
        await one.RunForAsync(TimeSpan.Zero);
        return one;
    }

    public static void Rewrite(World world, Action<JsonObject> change) => world.Cluster.Edit(
        "deviceinvitations", World.InvitationKey, invitation => change(invitation["status"]!.AsObject()));

    public static JsonObject Claim(string at) => new()
    {
        ["id"] = "claim-2",
        ["at"] = at,
        ["selector"] = Theirs[..6],
        ["isChosen"] = false,
        ["hash"] = Hash(Theirs),
    };

    public static string Hash(string password, int cost = 4) =>
        BCrypt.Net.BCrypt.HashPassword(password, BCrypt.Net.BCrypt.GenerateSalt(cost, 'y'));

    public static JsonNode? Record(World world) =>
        world.Invitation!["metadata"]!["annotations"]?[Annotations.ClaimRecord] is { } text
            ? JsonNode.Parse(text.GetValue<string>())
            : null;

    public static string? Reason(World world) =>
        world.Invitation!["status"]?["conditions"]?.AsArray()
            .First(static one => one!["type"]!.GetValue<string>() == ConditionTypes.Ready)!["reason"]!
            .GetValue<string>();
}
