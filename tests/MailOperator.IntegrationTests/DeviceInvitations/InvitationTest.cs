using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.MailDevices;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.DeviceInvitations;

/// <summary>A test of invitations with the running operator. The MailUser Ada exists.</summary>
public abstract class InvitationTest : OperatorTest
{
    private static readonly HttpClient Http = new();

    internal async Task<JsonObject> InviteAsync(string name, string mailbox, string more = "")
    {
        if (await Cluster.FindAsync(ApiGroup.MailUsers, Key("ada")) is null)
        {
            await Cluster.CreateAsync(
                ApiGroup.MailUsers, Namespace, "{metadata: {name: ada}, spec: {displayName: Ada Lovelace}}");
        }

        return await Cluster.CreateAsync(
            ApiGroup.DeviceInvitations, Namespace,
            $"{{metadata: {{name: {name}}}, spec: {{mailbox: {mailbox}, userRef: {{name: "
            + $"ada}}{(more.Length > 0 ? ", " + more : "")}}}}}");
    }

    internal Task<JsonObject> WaitForAsync(
        string name, string type, string status, string reason, TimeSpan? limit = null) =>
        Eventually.GetAsync($"DeviceInvitation {name} has {type}={status} {reason}", limit
            ?? Eventually.Patience, async () =>
            await Cluster.FindAsync(ApiGroup.DeviceInvitations, Key(name)) is { } invitation
            && Status.Condition(invitation, type) is { } condition && (string)condition["status"]! == status
            && (string)condition["reason"]! == reason
                ? invitation
                : null);

    /// <summary>Invites Ada, who takes a password with the link.</summary>
    internal async Task<string> ClaimedAsync(string name, string mailbox, string more = "")
    {
        await InviteAsync(name, mailbox, more);
        string password = await PortalStub.ClaimAsync(
            Cluster, await WaitForAsync(name, "Ready", "True", Reasons.LinkReady));
        await WaitForAsync(name, "Claimed", "True", Reasons.Claimed);
        return password;
    }

    /// <summary>The link in its Secret.</summary>
    internal async Task<Uri> LinkAsync(string name)
    {
        await WaitForAsync(name, "Ready", "True", Reasons.LinkReady);
        var link = new Uri(Text((await Cluster.FindAsync(ResourceType.Secrets, Key($"{name}-invitation")))!, "url"));
        PersonalSecrets.NoteToken(link.Segments[^1]);
        return link;
    }

    /// <summary>The portal sees the changes of the operator a moment later.</summary>
    internal static async Task OpensAsync(Uri link, bool isUsable)
    {
        await Portal.PortalBed.GetAsync();
        await Eventually.TrueAsync($"the portal {(isUsable ? "shows" : "does not know")} the link", async () =>
        {
            using HttpResponseMessage page = await Http.GetAsync(link, TestContext.Current.CancellationToken);
            return page.StatusCode == (isUsable ? HttpStatusCode.OK : HttpStatusCode.NotFound);
        });
    }

    /// <summary>Restores the object like a backup, without its status.</summary>
    internal Task LoseStatusAsync(string name) => Cluster.Api.JsonPatchAsync(
        ApiGroup.DeviceInvitations, Key(name), "status", """[{"op":"remove","path":"/status"}]"""u8.ToArray(),
        TestContext.Current.CancellationToken);

    internal Task<bool> ImapAsync(string mailbox, string password) =>
        MailLogin.ImapAsync(Bed.Dovecot.ImapPort, mailbox, password);

    /// <summary>Dovecot checks its file once a second.</summary>
    internal Task RefusedAsync(string mailbox, string password) =>
        Eventually.TrueAsync($"{mailbox} is refused", async () => !await ImapAsync(mailbox, password));

    internal static string Text(JsonObject secret, string key) =>
        Encoding.UTF8.GetString(Convert.FromBase64String((string)secret["data"]![key]!));

    internal Task GoneAsync(ResourceType type, string name, TimeSpan? limit = null) =>
        Eventually.TrueAsync(
            $"{type.Kind} {name} is gone", limit ?? Eventually.Patience,
            async () => await Cluster.FindAsync(type, Key(name)) is null);
}
