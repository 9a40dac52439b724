using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;

namespace MailOperator.IntegrationTests.DeviceInvitations;

/// <summary>
/// An invitation takes no place of a quota, but its device needs one. Another device may get the last one first.
/// </summary>
public sealed class QuotaTests : InvitationTest
{
    private readonly string _backend = $"places-{Guid.NewGuid().ToString("N")[..8]}";

    [Fact]
    public async Task Link_WhileNoPlaceIsFree_CannotBeUsed_AndCanAgain()
    {
        await FullAsync("ada-full@example.com");
        await InviteAsync("waits", "ada-full@example.com", $"backendRef: {{name: {_backend}}}");
        JsonObject closed = await WaitForAsync("waits", "Ready", "False", Reasons.QuotaExceeded);
        Assert.Contains("maxDevicesPerMailbox: 1", (string)Status.Condition(closed, "Ready")!["message"]!);

        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("taken"));

        await OpensAsync(await LinkAsync("waits"), isUsable: true);
    }

    [Fact]
    public async Task Claim_ForWhichNoPlaceIsLeft_WaitsForOneAndGetsIt()
    {
        string password = await ClaimedTooLateAsync("second", "ada-second@example.com");
        Assert.False(await ImapAsync("ada-second@example.com", password));

        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("taken"));

        await WaitForAsync("second", "Claimed", "True", Reasons.Claimed);
        await Eventually.TrueAsync("the person's password works", () => ImapAsync("ada-second@example.com", password));
    }

    [Fact]
    public async Task Claim_LostBeforeItsPasswordWasIssued_IsEndedAndSaysToInviteAgain()
    {
        string password = await ClaimedTooLateAsync("third", "ada-third@example.com");
        await LoseStatusAsync("third");
        await WaitForAsync("third", "Claimed", "False", Reasons.QuotaExceeded);

        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("taken"));

        JsonObject ended = await WaitForAsync("third", "Stalled", "True", Reasons.ClaimRefused);
        Assert.Contains("make another", (string)Status.Condition(ended, "Ready")!["message"]!);
        await Bed.WaitForDeviceAsync(Key("third"), "Stalled", "True", Reasons.HeldByPerson);
        Assert.False(await ImapAsync("ada-third@example.com", password));
    }

    /// <summary>A portal that still shows a link which has just been closed.</summary>
    private async Task<string> ClaimedTooLateAsync(string name, string mailbox)
    {
        await FullAsync(mailbox);
        await InviteAsync(name, mailbox, $"backendRef: {{name: {_backend}}}");
        string password = await PortalStub.ClaimAsync(
            Cluster, await WaitForAsync(name, "Ready", "False", Reasons.QuotaExceeded));
        JsonObject waiting = await WaitForAsync(name, "Claimed", "False", Reasons.QuotaExceeded);
        Assert.Contains("A password was claimed", (string)Status.Condition(waiting, "Ready")!["message"]!);
        await Bed.WaitForDeviceAsync(Key(name), "Ready", "False", Reasons.QuotaExceeded);
        return password;
    }

    /// <summary>A MailBackend with one place per mailbox, which is taken.</summary>
    private async Task FullAsync(string mailbox)
    {
        await Cluster.CreateAsync(
            ApiGroup.MailBackends, "",
            TestBed.BackendYaml(_backend, $"{{path: {Bed.Dovecot.PasswdFile}}}", Bed.Dovecot));
        await Bed.ChangeBackendAsync(
            _backend, "{spec: {grants: [{mailboxes: ['*@example.com'], maxDevicesPerMailbox: 1}]}}");
        await Cluster.CreateDeviceAsync(
            Namespace, "taken", $"{{mailbox: {mailbox}, backendRef: {{name: {_backend}}}}}");
        await Bed.WaitForDeviceAsync(Key("taken"), "Ready", "True");
    }
}
