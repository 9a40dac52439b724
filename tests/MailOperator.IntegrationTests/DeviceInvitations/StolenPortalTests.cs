using System.Text;
using System.Text.Json.Nodes;
using k8s;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.Portal;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.DeviceInvitations;

/// <summary>
/// Somebody has the token of the portal's ServiceAccount, with exactly the shipped rights. They write what they like
/// into the status of invitations that have ended.
/// </summary>
public sealed class StolenPortalTests : InvitationTest
{
    private const string Password = "stolen0123456789abcdefghijklmnop";

    private static readonly string Hash =
        BCrypt.Net.BCrypt.HashPassword(Password, BCrypt.Net.BCrypt.GenerateSalt(4, 'y'));

    // The status of the link when it was open, and as it is now, to the status that they write.
    private static readonly Dictionary<string, Func<JsonObject, JsonObject, JsonObject>> Forgeries = new()
    {
        ["a claim that is dated back"] = static (_, now) => With(now, Claim(daysAgo: 1)),
        ["the status of the open link, with a claim"] = static (open, _) => With(open, Claim(daysAgo: 1)),
        ["no device and no conditions, with a claim"] = static (_, now) =>
        {
            now.Remove("deviceRef");
            now.Remove("conditions");
            return With(now, Claim(daysAgo: 1));
        },
        ["nothing but a claim"] = static (_, _) => With([], Claim(daysAgo: 0)),
        ["an open link with their token, with a claim"] = static (open, _) =>
        {
            open["tokenHash"] = new string('a', 64);
            return With(open, Claim(daysAgo: 0));
        },
        ["the person's claim with another hash"] = static (open, now) =>
        {
            JsonObject claim = Claim(daysAgo: 1);
            claim["id"] = (now["claim"]?["id"] ?? claim["id"])!.DeepClone();
            claim["selector"] = (now["claim"]?["selector"] ?? claim["selector"])!.DeepClone();
            return With(open, claim);
        },
        ["a device that was never made"] = static (open, _) =>
        {
            open["deviceRef"] = new JsonObject { ["name"] = "any", ["uid"] = Guid.NewGuid().ToString() };
            return With(open, Claim(daysAgo: 1));
        },
    };

    public static TheoryData<string> Names => [.. Forgeries.Keys];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task EndedInvitation_StatusForged_MakesNoDevice(string forgery)
    {
        // Mutant: the status is believed (claim.at, deviceRef, conditions). Each of the three would give a login.
        using Cluster portal = await PortalAsync();
        JsonObject expired = await OpenAsync("expired", "expireAfter: 2s");
        await WaitForAsync("expired", "Ready", "False", Reasons.Expired);
        JsonObject used = await OpenAsync("used");
        string password = await PortalStub.ClaimAsync(Cluster, used);
        await WaitForAsync("used", "Claimed", "True", Reasons.Claimed);
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("used"));
        await GoneAsync(ApiGroup.MailDevices, "used");
        JsonObject refused = await OpenAsync("refused");
        JsonObject cheat = Claim(daysAgo: 0);
        cheat["isChosen"] = true;
        await WriteAsync(portal, "refused", With((JsonObject)refused["status"]!.DeepClone(), cheat));
        await WaitForAsync("refused", "Claimed", "False", Reasons.ClaimRefused);

        foreach (JsonObject open in (JsonObject[])[expired, used, refused])
        {
            string name = (string)open["metadata"]!["name"]!;
            JsonObject now = (await Cluster.FindAsync(ApiGroup.DeviceInvitations, Key(name)))!;
            await WriteAsync(portal, name, Forgeries[forgery](
                (JsonObject)open["status"]!.DeepClone(), (JsonObject)now["status"]!.DeepClone()));
            await PutRightAsync(name);

            Assert.Null(await Cluster.FindAsync(ApiGroup.MailDevices, Key(name)));
            Assert.False(await ImapAsync($"ada-{name}@example.com", Password));
        }

        await RefusedAsync("ada-used@example.com", password);
    }

    [Fact]
    public async Task Status_WrittenWithMetadata_LeavesTheMetadata()
    {
        // Mutant: the record is in the status, or in a field that the endpoint of the status writes.
        using Cluster portal = await PortalAsync();
        await ClaimedAsync("meta", "ada-meta@example.com");
        JsonObject before = (await Cluster.FindAsync(ApiGroup.DeviceInvitations, Key("meta")))!;
        Assert.NotNull(before["metadata"]!["annotations"]![Annotations.ClaimRecord]);

        await portal.Api.JsonPatchAsync(
            ApiGroup.DeviceInvitations, Key("meta"), "status",
            """
            [{"op": "remove", "path": "/metadata/annotations"}, {"op": "remove", "path": "/metadata/finalizers"},
             {"op": "add", "path": "/metadata/labels", "value": {"a": "b"}},
             {"op": "add", "path": "/status/claimedAt", "value": "2026-01-01T00:00:00Z"}]
            """u8.ToArray(),
            Token);

        JsonObject after = (await Cluster.FindAsync(ApiGroup.DeviceInvitations, Key("meta")))!;
        Assert.True(JsonNode.DeepEquals(before["metadata"]!["annotations"], after["metadata"]!["annotations"]));
        Assert.True(JsonNode.DeepEquals(before["metadata"]!["finalizers"], after["metadata"]!["finalizers"]));
        Assert.Null(after["metadata"]!["labels"]);
    }

    [Fact]
    public async Task AcceptedClaim_ReplacedBeforeItsDeviceExists_IsRefused()
    {
        // Mutant: take whatever claim the status has when the device can be created.
        using Cluster portal = await PortalAsync();
        JsonObject open = await OpenAsync("swap", "device: {name: swapped}");
        await Cluster.CreateAsync(
            ApiGroup.MailDevices, Namespace, "{metadata: {name: swapped}, spec: {mailbox: ada-other@example.com}}");
        await WaitForAsync("swap", "Ready", "False", Reasons.DeviceForeign);
        await WriteAsync(portal, "swap", With((JsonObject)open["status"]!.DeepClone(), Claim(daysAgo: 0)));
        await WaitForAsync("swap", "Claimed", "False", Reasons.DeviceForeign);

        JsonObject another = Claim(daysAgo: 0);
        another["id"] = "another";
        await WriteAsync(portal, "swap", With((JsonObject)open["status"]!.DeepClone(), another));
        await WaitForAsync("swap", "Claimed", "False", Reasons.ClaimRefused);
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("swapped"));
        await GoneAsync(ApiGroup.MailDevices, "swapped");
        await WriteAsync(portal, "swap", With((JsonObject)open["status"]!.DeepClone(), Claim(daysAgo: 0)));
        await PutRightAsync("swap");

        Assert.Null(await Cluster.FindAsync(ApiGroup.MailDevices, Key("swapped")));
        Assert.False(await ImapAsync("ada-swap@example.com", Password));
    }

    [Fact]
    public async Task IssuedClaim_ReplacedInTheStatus_ChangesNoPassword()
    {
        // Mutant: restore a deleted Secret with the hash in the status.
        using Cluster portal = await PortalAsync();
        string password = await ClaimedAsync("kept", "ada-kept@example.com");
        JsonObject now = (await Cluster.FindAsync(ApiGroup.DeviceInvitations, Key("kept")))!;
        string hash = Text((await Cluster.FindAsync(ResourceType.Secrets, Key("kept")))!, "hash");

        await WriteAsync(portal, "kept", Forgeries["the person's claim with another hash"](
            (JsonObject)now["status"]!.DeepClone(), (JsonObject)now["status"]!.DeepClone()));
        await Cluster.DeleteAsync(ResourceType.Secrets, Key("kept"));

        await Eventually.TrueAsync("the Secret has the person's hash again", async () =>
            await Cluster.FindAsync(ResourceType.Secrets, Key("kept")) is { } secret && Text(secret, "hash") == hash);
        Assert.True(await ImapAsync("ada-kept@example.com", password));
        Assert.False(await ImapAsync("ada-kept@example.com", Password));
    }

    [Fact]
    public async Task Claim_WithACheaperHashThanTheBackendAsksFor_IsRefused()
    {
        // Mutant: any bcrypt hash will do.
        using Cluster portal = await PortalAsync();
        string passwd = Path.Combine(Directory.CreateTempSubdirectory("mail-operator-claims-").FullName, "passwd");
        await Cluster.CreateAsync(
            ApiGroup.MailBackends, "",
            TestBed.BackendYaml("costly", $"{{path: {passwd}}}", Bed.Dovecot)
                .Replace("workFactor: 4", "workFactor: 5", StringComparison.Ordinal));
        JsonObject open = await OpenAsync("cheap", "backendRef: {name: costly}");

        await WriteAsync(portal, "cheap", With((JsonObject)open["status"]!.DeepClone(), Claim(daysAgo: 0)));

        JsonObject refused = await WaitForAsync("cheap", "Claimed", "False", Reasons.ClaimRefused);
        Assert.Contains(
            "lower work factor than spec.hashing.workFactor", (string)Status.Condition(refused, "Ready")!["message"]!);
        Assert.Null(await Cluster.FindAsync(ApiGroup.MailDevices, Key("cheap")));
        await OpenAsync("dear", "backendRef: {name: costly}");
        await PortalStub.ClaimAsync(Cluster, await WaitForAsync("dear", "Ready", "True", Reasons.LinkReady));
        await WaitForAsync("dear", "Claimed", "True", Reasons.Claimed);
    }

    private async Task<Cluster> PortalAsync()
    {
        string folder = Directory.CreateTempSubdirectory("mail-operator-stolen-").FullName;
        return new Cluster(KubernetesClientConfiguration.BuildConfigFromConfigFile(
            await PortalRights.KubeconfigAsync(Cluster, folder)));
    }

    /// <summary>The invitation when its link could be used.</summary>
    private async Task<JsonObject> OpenAsync(string name, string more = "")
    {
        await InviteAsync(name, $"ada-{name}@example.com", more);
        return await WaitForAsync(name, "Ready", "True", Reasons.LinkReady);
    }

    private Task<byte[]> WriteAsync(Cluster portal, string name, JsonObject status)
    {
        var patch = new JsonArray(new JsonObject { ["op"] = "add", ["path"] = "/status", ["value"] = status });
        return portal.Api.JsonPatchAsync(
            ApiGroup.DeviceInvitations, Key(name), "status", Encoding.UTF8.GetBytes(patch.ToJsonString()), Token);
    }

    // The operator looks at it again, and then its status tells of the end and has no hash.
    private async Task PutRightAsync(string name)
    {
        await Cluster.AnnotateAsync(
            ApiGroup.DeviceInvitations, Key(name), Annotations.ReconcileRequestedAt, Guid.NewGuid().ToString());
        await Eventually.TrueAsync($"the status of {name} is right again", async () =>
        {
            JsonObject invitation = (await Cluster.FindAsync(ApiGroup.DeviceInvitations, Key(name)))!;
            return Status.Condition(invitation, "Ready") is { } ready
                && (string)ready["reason"]! is Reasons.Expired or Reasons.Claimed or Reasons.ClaimRefused
                && invitation["status"]!["claim"]?["hash"] is null;
        });
    }

    private static JsonObject With(JsonObject status, JsonObject claim)
    {
        status["claim"] = claim;
        return status;
    }

    private static JsonObject Claim(int daysAgo) => new()
    {
        ["id"] = "stolen",
        ["at"] = Rfc3339.Format(TimeProvider.System.GetUtcNow().AddDays(-daysAgo)),
        ["selector"] = Password[..6],
        ["isChosen"] = false,
        ["hash"] = Hash,
    };
}
