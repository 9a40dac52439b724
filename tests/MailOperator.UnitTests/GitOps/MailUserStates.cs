using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailUsers;
using MailOperator.UnitTests.Hosting;
using MailOperator.UnitTests.Kubernetes;
using MailOperator.UnitTests.MailDevices;
using MailOperator.UnitTests.MailUsers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.GitOps;

/// <summary>A MailUser in each state, with the status that its reconciler writes for it.</summary>
internal static class MailUserStates
{
    public static async Task<JsonObject> AllAsync()
    {
        JsonObject ready = await ObjectAsync(new MailUserSpec());
        var stale = (JsonObject)ready.DeepClone();
        stale["metadata"]!["generation"] = 5;
        var unseen = (JsonObject)ready.DeepClone();
        unseen["status"] = new JsonObject { ["observedGeneration"] = -1 }; // the schema's default
        return new JsonObject
        {
            ["not seen yet"] = unseen,
            ["known"] = ready,
            ["spec changed, not seen yet"] = stale,
            ["sending denied"] = await ObjectAsync(new MailUserSpec { Sending = SendingRight.Denied }),
            ["suspended"] = await ObjectAsync(new MailUserSpec { Suspended = true }),
            ["devices do not follow yet"] = await ObjectAsync(
                new MailUserSpec { Suspended = true }, device: "follows an earlier generation"),
            ["a device cannot follow"] = await ObjectAsync(
                new MailUserSpec { Suspended = true }, device: "revocation blocked"),
            ["spec not valid"] = await ObjectAsync(new MailUserSpec { EmailAddress = "nobody" }),
            ["deleted, in use"] = await ObjectAsync(new MailUserSpec(), isDeleted: true),
        };
    }

    private static async Task<JsonObject> ObjectAsync(
        MailUserSpec spec, bool isDeleted = false, string device = "follows")
    {
        var user = new MailUser
        {
            Metadata = new()
            {
                Name = "ada",
                NamespaceProperty = "shop",
                Uid = "uid-ada",
                ResourceVersion = "1",
                Generation = 4,
                Finalizers = [Finalizers.InUse],
                DeletionTimestamp = isDeleted ? Snapshots.Now.UtcDateTime : null,
            },
            Spec = spec,
        };
        var @object = new JsonObject
        {
            ["apiVersion"] = ApiGroup.MailUsers.ApiVersion,
            ["kind"] = ApiGroup.MailUsers.Kind,
            ["metadata"] = new JsonObject
            {
                ["name"] = "ada",
                ["namespace"] = "shop",
                ["generation"] = user.Metadata.Generation,
            },
            ["spec"] = JsonSerializer.SerializeToNode(spec, ApiJson.Options),
            ["status"] = await StatusAsync(user, device),
        };
        if (isDeleted)
        {
            @object["metadata"]!["deletionTimestamp"] = Rfc3339.Format(Snapshots.Now);
        }

        return @object;
    }

    private static async Task<JsonNode> StatusAsync(MailUser user, string device)
    {
        var clock = new FakeTimeProvider(Snapshots.Now);
        using var server = new FakeApi
        {
            Default = static _ =>
                Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("{}") }),
        };
        var users = new ObjectStore<MailUser>();
        users.Put(user);
        var devices = new ObjectStore<MailDevice>();
        devices.Put(UserFollowersTests.Device(device));
        await using ServiceProvider modules = Modules.Build(
            server.Connect(clock), clock, services => services.AddSingleton(users).AddSingleton(devices));
        var reconciler = modules.GetRequiredService<MailUserReconciler>();

        await reconciler.ReconcileAsync(user.Key, TestContext.Current.CancellationToken);

        (_, _, string patch) = server.Requests.Single(
            static request => request.PathAndQuery.Contains("/status", StringComparison.Ordinal));
        return JsonNode.Parse(patch)!.AsArray()[^1]!["value"]!.DeepClone();
    }
}
