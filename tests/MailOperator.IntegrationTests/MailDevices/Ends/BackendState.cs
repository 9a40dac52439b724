using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices.Ends;

/// <summary>Something that is wrong with a MailBackend, and so with all of its devices, while a stop comes.</summary>
/// <param name="Name">For the output.</param>
/// <param name="Spec">What makes it so, a merge patch of the spec; <c>NAME</c> is the MailBackend's name.</param>
internal sealed record BackendState(string Name, string Spec)
{
    private const string Nowhere = "http://127.0.0.1:9/doveadm/v1";

    private static readonly string[] Told =
        [EndStop.DeviceSuspended, EndStop.UserSuspended, EndStop.Leak, EndStop.Expiry, EndStop.Deletion];

    /// <summary>
    /// Stops of which more than the password is asked for, which cannot be had in that state: it is said to be pending.
    /// </summary>
    public string[] Pends { get; init; } = [];

    /// <summary>The reason of Ready=False of its devices; null if their passwords go on as if nothing were.</summary>
    public string? Reason { get; init; }

    /// <summary>Its servers of doveadm can be asked, if there were some.</summary>
    public bool HasKey { get; init; }

    public static readonly BackendState[] All =
    [
        new("its window has no such time zone",
            "{rotation: {interval: 90d, window: {cron: '0 2 * * *', duration: 1h, timeZone: CEST}}}")
        {
            Reason = Reasons.BackendUnavailable,
        },
        new("its interval is shorter than the overlap", "{rotation: {interval: 1h}}")
        {
            Reason = Reasons.BackendUnavailable,
        },
        new("its expiry is later than its maximum", "{expiry: {after: 30d, maximum: 10d}}")
        {
            Reason = Reasons.BackendUnavailable,
        },
        new("the Secret of doveadm is missing", Doveadm) { Pends = Told },
        new("doveadm is away", Doveadm) { Pends = Told, HasKey = true },
        new("the login check finds no server", "{verification: Login, client: {imap: {port: 9}}}")
        {
            Pends = [EndStop.Leak, EndStop.Expiry, EndStop.Deletion],
        },
        new("its grants are withdrawn", "{grants: []}") { Reason = Reasons.NotAllowed },
        new("too many devices", "{grants: [{mailboxes: ['*@example.com'], maxDevicesPerNamespace: 1}]}"),
    ];

    private static string Doveadm =>
        $"{{dovecot: {{doveadm: [{{url: '{Nowhere}', credentialsSecret: {{name: NAME}}}}]}}}}";

    public async Task ImposeAsync(TestBed bed, string backend)
    {
        if (HasKey)
        {
            await bed.Cluster.CreateAsync(ResourceType.Secrets, ShippedRights.Namespace, new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = backend },
                ["stringData"] = new JsonObject { ["api-key"] = $"{Guid.NewGuid():N}" },
            });
        }

        await bed.ChangeBackendAsync(
            backend, $"{{spec: {Spec.Replace("NAME", backend, StringComparison.Ordinal)}}}");
    }

    /// <summary>Nothing of it may hold up the deletion of its devices.</summary>
    public async Task TakeBackAsync(Cluster cluster, string backend)
    {
        await cluster.MergeAsync(
            ApiGroup.MailBackends, new ObjectKey("", backend), "{spec: {dovecot: null, verification: null}}");
        if (HasKey)
        {
            await cluster.DeleteAsync(ResourceType.Secrets, new ObjectKey(ShippedRights.Namespace, backend));
        }
    }
}
