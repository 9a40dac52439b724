using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices.Ends;

/// <summary>Something that is wrong with a device while a stop comes, made by its tenant.</summary>
/// <param name="Name">For the output.</param>
/// <param name="ImposeAsync">Makes it so, for the device of this name.</param>
internal sealed record EndState(string Name, Func<Cluster, ObjectKey, Task> ImposeAsync)
{
    /// <summary>Further fields of the spec from the start.</summary>
    public string Spec { get; init; } = "";

    /// <summary>Stops that mean nothing in that state.</summary>
    public string[] Without { get; init; } = [];

    /// <summary>The condition that tells when the operator has seen it: type, status, reason.</summary>
    public (string Type, string Status, string? Reason)? Shows { get; init; }

    public static readonly EndState[] All =
    [
        new("nothing is wrong", static (_, _) => Task.CompletedTask),
        new("a template is wrong", static (cluster, key) => SpecAsync(
            cluster, key, "{secret: {data: {DSN: '{{ nothing }}'}}}"))
        {
            Shows = (ConditionTypes.Ready, "False", Reasons.InvalidSpec),
        },
        new("the interval is shorter than the overlap", static (cluster, key) => SpecAsync(
            cluster, key, "{rotation: {interval: 1h}}"))
        {
            Shows = (ConditionTypes.Ready, "False", Reasons.InvalidSpec),
        },
        new("its MailUser is missing", static (cluster, key) => SpecAsync(
            cluster, key, "{userRef: {name: nobody}}"))
        {
            Without = [EndStop.UserSuspended, EndStop.SendingDenied],
            Shows = (ConditionTypes.Ready, "False", Reasons.UserNotFound),
        },
        new("its window has no such time zone", static (cluster, key) => SpecAsync(
            cluster, key, "{rotation: {interval: 90d, window: {cron: '0 2 * * *', duration: 1h, timeZone: CEST}}}"))
        {
            Shows = (ConditionTypes.Ready, "False", Reasons.InvalidSpec),
        },
        new("paused", static (cluster, key) =>
            cluster.AnnotateAsync(ApiGroup.MailDevices, key, Annotations.Paused, "true"))
        {
            Without = [EndStop.Deletion],
            Shows = (ConditionTypes.Ready, "True", Reasons.Paused),
        },
        new("another object owns its Secret", static async (cluster, key) =>
        {
            JsonObject other = (await cluster.FindAsync(ApiGroup.MailBackends, new ObjectKey("", TestBed.Backend)))!;
            await SecretAsync(
                cluster, key,
                $"{{metadata: {{ownerReferences: [{{apiVersion: {ApiGroup.MailBackends.ApiVersion}, kind: MailBackend, "
                + $"name: {TestBed.Backend}, uid: {other["metadata"]!["uid"]}}}]}}}}");
        })
        {
            Shows = (ConditionTypes.Ready, "False", Reasons.SecretForeign),
        },
        new("its Secret waits for another's finalizer", static async (cluster, key) =>
        {
            await SecretAsync(cluster, key, "{metadata: {finalizers: [example.com/mine]}}");
            await cluster.DeleteAsync(ResourceType.Secrets, key);
        })
        {
            Shows = (ConditionTypes.Ready, "False", Reasons.Pending),
        },
        new("its Secret has a digest of another key and a token to come", static (cluster, key) => SecretAsync(
            cluster, key,
            $"{{metadata: {{annotations: {{{Annotations.Digest}: 'v1:00000000:AAAA', "
            + $"{Annotations.HandledRotateAndRevoke}: leak}}}}}}")),
        new("paused, and its Secret is gone", static async (cluster, key) =>
        {
            await cluster.AnnotateAsync(ApiGroup.MailDevices, key, Annotations.Paused, "true");
            // Two watches: the operator could hear of the Secret first, and make a new one.
            await Eventually.TrueAsync("the pause is seen", async () =>
                await cluster.FindAsync(ApiGroup.MailDevices, key) is { } device
                && (string?)Status.Condition(device, ConditionTypes.Ready)?["reason"] == Reasons.Paused);
            await cluster.DeleteAsync(ResourceType.Secrets, key);
        })
        {
            Without = [EndStop.Deletion],
            Shows = (ConditionTypes.Ready, "False", Reasons.Paused),
        },
        new("its finalizer was removed, and a template is wrong", static async (cluster, key) =>
        {
            await SpecAsync(cluster, key, "{secret: {data: {DSN: '{{ nothing }}'}}}");
            await cluster.MergeAsync(ApiGroup.MailDevices, key, "{metadata: {finalizers: null}}");
        })
        {
            Shows = (ConditionTypes.Ready, "False", Reasons.InvalidSpec),
        },
    ];

    private static Task<JsonObject> SpecAsync(Cluster cluster, ObjectKey key, string spec) =>
        cluster.MergeAsync(ApiGroup.MailDevices, key, $"{{spec: {spec}}}");

    private static Task<JsonObject> SecretAsync(Cluster cluster, ObjectKey key, string patch) =>
        cluster.MergeAsync(ResourceType.Secrets, key, patch);
}
