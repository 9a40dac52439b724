using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.DeviceInvitations;

public sealed class ClaimTests : InvitationTest
{
    /// <summary>The garbage collector of the controller manager discovers custom resources only this often.</summary>
    private static readonly TimeSpan Collection = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Invitation_New_HasALinkThatOnlyItsSecretKnows()
    {
        JsonObject created = await InviteAsync(
            "phone", "ada@example.com",
            "expireAfter: 2d, device: {displayName: My phone, deviceType: Phone, protocols: [IMAP, SMTP]}");
        JsonObject invitation = await WaitForAsync("phone", "Ready", "True", Reasons.LinkReady);
        JsonObject link = (await Cluster.FindAsync(ResourceType.Secrets, Key("phone-invitation")))!;

        Assert.StartsWith(TestBed.PortalUrl + "/i/", Text(link, "url"));
        string token = Text(link, "url")[(TestBed.PortalUrl.Length + 3)..];
        Assert.Equal(43, token.Length);
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token))),
            (string)invitation["status"]!["tokenHash"]!);
        Assert.DoesNotContain(token, invitation.ToJsonString());
        DateTimeOffset end = Rfc3339.Parse((string)created["metadata"]!["creationTimestamp"]!)!.Value.AddDays(2);
        Assert.Equal(Rfc3339.Format(end), Text(link, "expires"));
        Assert.Equal(Rfc3339.Format(end), (string)invitation["status"]!["expiresAt"]!);
        JsonNode offer = invitation["status"]!["offer"]!;
        Assert.Equal(("ada@example.com", "My phone", "Ada Lovelace", "Phone"), (
            (string)offer["username"]!, (string)offer["deviceName"]!, (string)offer["holder"]!,
            (string)offer["deviceType"]!));
        Assert.Equal(["IMAP", "SMTP"], offer["protocols"]!.AsArray().Select(one => (string)one!));
        Assert.Null(offer["client"]!["pop3"]);
        Assert.Equal("Denied", (string)offer["password"]!["chosen"]!);
        Assert.Null(await Cluster.FindAsync(ApiGroup.MailDevices, Key("phone")));
    }

    [Fact]
    public async Task Claim_OfALink_MakesADeviceWhosePasswordOnlyThePersonHas()
    {
        string password = await ClaimedAsync(
            "laptop", "ada-laptop@example.com", "device: {name: ada-laptop, displayName: Laptop}");

        Assert.True(await ImapAsync("ada-laptop@example.com", password));
        JsonObject invitation = await WaitForAsync("laptop", "Ready", "True", Reasons.Claimed);
        Assert.Equal("ada-laptop", (string)invitation["status"]!["deviceRef"]!["name"]!);
        Assert.Null(invitation["status"]!["claim"]!["hash"]);
        JsonObject device = await Bed.WaitForDeviceAsync(Key("ada-laptop"), "Ready", "True");
        Assert.Equal("laptop", (string)device["spec"]!["password"]!["invitationRef"]!["name"]!);
        Assert.Equal(
            (string)invitation["metadata"]!["uid"]!, (string)device["metadata"]!["ownerReferences"]![0]!["uid"]!);
        Assert.Null(device["status"]!["binding"]);
        Assert.Equal("ada", (string)device["spec"]!["userRef"]!["name"]!);
        Assert.StartsWith("MailUser 'ada' holds a password", (string)Status.Condition(device, "Ready")!["message"]!);
        JsonObject secret = (await Cluster.FindAsync(ResourceType.Secrets, Key("ada-laptop")))!;
        Assert.False(
            secret["data"]!.AsObject().ContainsKey("password") || secret["data"]!.AsObject().ContainsKey("uri"));
        Assert.StartsWith("$2y$", Text(secret, "hash"));
        Assert.Null(await Cluster.FindAsync(ResourceType.Secrets, Key("laptop-invitation")));

        // The device behaves like any other.
        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("ada-laptop"), "{spec: {suspended: true}}");
        await Bed.WaitForDeviceAsync(Key("ada-laptop"), "Ready", "False", Reasons.Suspended);
        await RefusedAsync("ada-laptop@example.com", password);
        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("ada-laptop"), "{spec: {suspended: false}}");
        await Bed.WaitForDeviceAsync(Key("ada-laptop"), "Ready", "True");
        Assert.True(await ImapAsync("ada-laptop@example.com", password));

        await Cluster.DeleteAsync(ApiGroup.DeviceInvitations, Key("laptop"));
        await GoneAsync(ApiGroup.MailDevices, "ada-laptop", Collection);
        await RefusedAsync("ada-laptop@example.com", password);
    }

    [Fact]
    public async Task ClaimedDevice_ToRotate_SaysWhoHoldsItAndChangesNothing()
    {
        string password = await ClaimedAsync("tablet", "ada-tablet@example.com");
        string before = (await Cluster.FindAsync(ResourceType.Secrets, Key("tablet")))!.ToJsonString();

        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("tablet"), Annotations.Rotate, "one");
        JsonObject refused = await Bed.WaitForDeviceAsync(
            Key("tablet"), ConditionTypes.RotationRefused, "True", Reasons.HeldByPerson);
        Assert.Equal("True", (string)Status.Condition(refused, "Ready")!["status"]!);
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("tablet"), Annotations.Rotate, null);
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("tablet"), Annotations.RotateAndRevoke, "leak");
        await Bed.WaitForDeviceAsync(Key("tablet"), "Ready", "False", Reasons.HeldByPerson);

        Assert.Equal(before, (await Cluster.FindAsync(ResourceType.Secrets, Key("tablet")))!.ToJsonString());
        Assert.True(await ImapAsync("ada-tablet@example.com", password));
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("tablet"));
        await GoneAsync(ApiGroup.MailDevices, "tablet");
        await RefusedAsync("ada-tablet@example.com", password);
        await Eventually.TrueAsync("the invitation says that its device has been deleted", async () =>
            Status.Condition(
                (await Cluster.FindAsync(ApiGroup.DeviceInvitations, Key("tablet")))!, "Ready") is { } ready
            && (string)ready["reason"]! == Reasons.Claimed
            && ((string)ready["message"]!).Contains("has been deleted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ClaimedDevice_GivenAnEnd_EndsThen()
    {
        string password = await ClaimedAsync("watch", "ada-watch@example.com", "device: {expiry: {after: 9d}}");
        DateTimeOffset end = Rfc3339.Parse(
            (string)(await Bed.WaitForDeviceAsync(Key("watch"), "Ready", "True"))["status"]!["expiresAt"]!)!.Value;
        Assert.InRange(end - TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(8.9), TimeSpan.FromDays(9));

        await Cluster.MergeAsync(
            ApiGroup.MailDevices, Key("watch"),
            "{spec: {expiry: {after: null, at: "
            + $"'{Rfc3339.Format(TimeProvider.System.GetUtcNow().AddSeconds(2))}'}}}}}}");
        await Bed.WaitForDeviceAsync(Key("watch"), "Ready", "False", Reasons.Expired);

        await RefusedAsync("ada-watch@example.com", password);
        await WaitForAsync("watch", "Claimed", "True", Reasons.Claimed);
    }

    [Fact]
    public async Task ClaimedDevice_SecretDeletedOrEdited_KeepsThePassword()
    {
        string password = await ClaimedAsync("radio", "ada-radio@example.com");
        string hash = Text((await Cluster.FindAsync(ResourceType.Secrets, Key("radio")))!, "hash");
        string mine = BCrypt.Net.BCrypt.HashPassword("a password of my own", BCrypt.Net.BCrypt.GenerateSalt(4, 'y'));

        await Cluster.MergeAsync(
            ResourceType.Secrets, Key("radio"),
            $"{{data: {{hash: {Convert.ToBase64String(Encoding.ASCII.GetBytes(mine))}}}}}");
        await KeptAsync();
        await Cluster.DeleteAsync(ResourceType.Secrets, Key("radio"));
        await KeptAsync();

        Assert.True(await ImapAsync("ada-radio@example.com", password));
        Assert.False(await ImapAsync("ada-radio@example.com", "a password of my own"));

        Task KeptAsync() => Eventually.TrueAsync("the Secret keeps the person's hash", async () =>
            await Cluster.FindAsync(ResourceType.Secrets, Key("radio")) is { } secret && Text(secret, "hash") == hash);
    }

    [Fact]
    public async Task Claim_WithAChosenPassword_WorksWhereAGrantAllowsIt()
    {
        await InviteAsync("scanner", "chosen-ada@example.com", "chosenPassword: Allowed");
        JsonObject invitation = await WaitForAsync("scanner", "Ready", "True", Reasons.LinkReady);
        Assert.Equal("Allowed", (string)invitation["status"]!["offer"]!["password"]!["chosen"]!);

        string password = await PortalStub.ClaimAsync(Cluster, invitation, "six words that she has chosen");
        await WaitForAsync("scanner", "Claimed", "True", Reasons.Claimed);

        Assert.True(await ImapAsync("chosen-ada@example.com", password));
    }

    [Fact]
    public async Task Claim_WithAChosenPasswordThatNoGrantAllows_IsNotIssued()
    {
        await InviteAsync("sly", "ada-sly@example.com", "chosenPassword: Allowed");
        JsonObject invitation = await WaitForAsync("sly", "Ready", "True", Reasons.LinkReady);
        Assert.Equal("Denied", (string)invitation["status"]!["offer"]!["password"]!["chosen"]!);

        // A portal that ignores the offer.
        string password = await PortalStub.ClaimAsync(Cluster, invitation, "six words that she has chosen");
        await WaitForAsync("sly", "Claimed", "False", Reasons.NotAllowed);

        Assert.DoesNotContain(
            Bed.PasswdLines(), static line => line.Contains("ada-sly@example.com", StringComparison.Ordinal));
        Assert.False(await ImapAsync("ada-sly@example.com", password));
    }
}
