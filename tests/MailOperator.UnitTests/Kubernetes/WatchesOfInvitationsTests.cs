using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Claims;
using MailOperator.Kubernetes;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>What invitations, their links and their devices have to tell each other.</summary>
public sealed class WatchesOfInvitationsTests
{
    [Fact]
    public async Task Claim_Written_WakesTheInvitationAsAChange()
    {
        // Mutant: a status wakes nobody. The person would wait at the page for the next full look.
        await using WatchesRig rig = await WithInvitationAsync();

        await rig.WokenAsync(
            ApiGroup.DeviceInvitations, () => rig.Invitation(static value => value["status"] = Claimed()));

        Assert.Equal("shop/ada-phone |", await rig.WokenInvitationsAsync());
    }

    [Fact]
    public async Task Status_WithoutAClaim_WakesNobody()
    {
        await using WatchesRig rig = await WithInvitationAsync();

        string devices = await rig.WokenAsync(
            ApiGroup.DeviceInvitations, () => rig.Invitation(static value =>
                value["status"] = new JsonObject { ["tokenHash"] = "abc", ["conditions"] = new JsonArray() }));

        Assert.Equal(("|", "|"), (devices, await rig.WokenInvitationsAsync()));
    }

    [Fact]
    public async Task RecordOfADevice_Written_WakesThatDevice()
    {
        // Mutant: the status wakes it. Its password is not issued before the record names it.
        await using WatchesRig rig = await WithInvitationAsync();
        string uid = "";
        await rig.WokenAsync(ApiGroup.DeviceInvitations, () => rig.Invitation(value =>
            uid = value["metadata"]!["uid"]!.GetValue<string>()));

        string devices = await rig.WokenAsync(ApiGroup.DeviceInvitations, () => rig.Invitation(value =>
            value["metadata"]!["annotations"] = new JsonObject
            {
                [Annotations.ClaimRecord] =
                    (ClaimRecord.Of(uid, claim: null, DateTimeOffset.UnixEpoch) with { Device = "uid-1" }).ToText(),
            }));

        Assert.Equal("shop/phone |", devices);
    }

    [Theory]
    [InlineData("deviceRef")]
    [InlineData("tokenHash")]
    [InlineData("claim")]
    public async Task Status_RewrittenByAnother_WakesTheInvitation(string field)
    {
        // Mutant: only a new claim's id wakes it. What was forged would stand there until the next full look.
        await using WatchesRig rig = await WithInvitationAsync();
        await rig.WokenAsync(ApiGroup.DeviceInvitations, () => rig.Invitation(static value =>
        {
            value["status"] = Claimed();
            value["status"]!["tokenHash"] = "abc";
        }));
        await rig.WokenInvitationsAsync();

        await rig.WokenAsync(ApiGroup.DeviceInvitations, () => rig.Invitation(value =>
        {
            JsonNode status = value["status"]!;
            switch (field)
            {
                case "claim":
                    status["claim"]!["hash"] = "another";
                    break;
                case "tokenHash":
                    status["tokenHash"] = "another";
                    break;
                default:
                    status["deviceRef"] = new JsonObject { ["name"] = "phone", ["uid"] = "uid-1" };
                    break;
            }
        }));

        Assert.Equal("shop/ada-phone |", await rig.WokenInvitationsAsync());
    }

    [Fact]
    public async Task DeviceStatus_OfItsDevice_WakesTheInvitationAndNotTheDevice()
    {
        await using WatchesRig rig = await WithInvitationAsync();
        await rig.WokenAsync(ApiGroup.MailDevices, () => rig.Device("phone", Held));

        string devices = await rig.WokenAsync(
            ApiGroup.MailDevices, () => rig.Device("phone", static value =>
                value["status"] = new JsonObject { ["observedGeneration"] = 1, ["conditions"] = new JsonArray() }));

        Assert.Equal(("|", "shop/ada-phone |"), (devices, await rig.WokenInvitationsAsync()));
    }

    [Fact]
    public async Task Device_OfSomebodyElse_WakesTheInvitationWhoseNameItTakesOrLeaves()
    {
        await using WatchesRig rig = await WithInvitationAsync();

        await rig.WokenAsync(ApiGroup.MailDevices, () => rig.Device("phone"));
        Assert.Equal("| shop/ada-phone", await rig.WokenInvitationsAsync());
        await rig.WokenAsync(
            ApiGroup.MailDevices,
            () => rig.Device("phone", static value => value["status"] = new JsonObject { ["observedGeneration"] = 1 }));
        Assert.Equal("|", await rig.WokenInvitationsAsync());
        await rig.WokenAsync(
            ApiGroup.MailDevices, () => rig.Store.Delete(ApiGroup.MailDevices, new ObjectKey("shop", "phone")));
        Assert.Equal("| shop/ada-phone", await rig.WokenInvitationsAsync());
    }

    [Fact]
    public async Task Device_OfAnotherInvitation_WakesTheOneThatWaitsForItsName()
    {
        // Mutant: only the invitation that it came of is woken. Who invites the person again would wait for hours.
        await using WatchesRig rig = await WithInvitationAsync();
        Action<JsonObject> another = static value =>
            value["spec"]!["password"] = new JsonObject { ["invitationRef"] = new JsonObject { ["name"] = "another" } };

        await rig.WokenAsync(ApiGroup.MailDevices, () => rig.Device("phone", another));
        Assert.Equal("shop/another | shop/ada-phone", await rig.WokenInvitationsAsync());
    }

    [Fact]
    public async Task Link_Deleted_WakesTheInvitation()
    {
        await using WatchesRig rig = await WithInvitationAsync();
        var link = new ObjectKey("shop", "ada-phone-invitation");
        await rig.WokenAsync(ResourceType.Secrets, () => rig.Store.Apply(
            ResourceType.Secrets, link, static value => value["metadata"]!["ownerReferences"] = new JsonArray(
                new JsonObject
                {
                    ["apiVersion"] = "mailoperator.io/v1alpha1",
                    ["kind"] = "DeviceInvitation",
                    ["name"] = "ada-phone",
                    ["uid"] = "uid-i",
                })));

        await rig.WokenAsync(ResourceType.Secrets, () => rig.Store.Delete(ResourceType.Secrets, link));

        Assert.Equal("shop/ada-phone |", await rig.WokenInvitationsAsync());
    }

    [Fact]
    public async Task WhatItIsJudgedBy_Changed_WakesTheInvitation()
    {
        await using WatchesRig rig = await WithInvitationAsync();

        await rig.WokenAsync(
            ApiGroup.MailUsers, () => rig.User("ada", static value => value["spec"]!["displayName"] = "Ada"));
        Assert.Equal("| shop/ada-phone", await rig.WokenInvitationsAsync());
        await rig.WokenAsync(ApiGroup.MailUsers, () => rig.User("bob"));
        Assert.Equal("|", await rig.WokenInvitationsAsync());
        await rig.WokenAsync(
            ApiGroup.MailBackends,
            () => rig.Backend("dovecot", static value => value["spec"]!["grants"] = new JsonArray()));
        Assert.Equal("| shop/ada-phone", await rig.WokenInvitationsAsync());
    }

    private static Task<WatchesRig> WithInvitationAsync() => WatchesRig.StartAsync(static store => store.Apply(
        ApiGroup.DeviceInvitations, new ObjectKey("shop", "ada-phone"), static value =>
        {
            value["spec"] = new JsonObject
            {
                ["mailbox"] = "a@example.com",
                ["userRef"] = new JsonObject { ["name"] = "ada" },
                ["device"] = new JsonObject { ["name"] = "phone" },
            };
            value["status"] = new JsonObject { ["conditions"] = new JsonArray() };
        }));

    private static void Held(JsonObject device) =>
        device["spec"]!["password"] = new JsonObject { ["invitationRef"] = new JsonObject { ["name"] = "ada-phone" } };

    private static JsonObject Claimed() => new()
    {
        ["conditions"] = new JsonArray(),
        ["claim"] = new JsonObject
        {
            ["id"] = "claim-1",
            ["at"] = "2026-11-24T12:00:00Z",
            ["selector"] = "aaaaaa",
            ["isChosen"] = false,
        },
    };
}
