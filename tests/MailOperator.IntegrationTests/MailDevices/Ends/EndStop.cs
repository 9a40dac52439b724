using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices.Ends;

/// <summary>Something that takes a right from a device.</summary>
/// <param name="Name">For the output.</param>
/// <param name="ImposeAsync">Asks for it. The device's MailUser has the name of the device.</param>
internal sealed record EndStop(string Name, Func<Cluster, ObjectKey, Task> ImposeAsync)
{
    public const string DeviceSuspended = "suspended";
    public const string UserSuspended = "suspended of the MailUser";
    public const string SendingDenied = "sending: Denied";
    public const string Leak = "rotate-and-revoke";
    public const string Expiry = "expiry";
    public const string Deletion = "deletion";

    /// <summary>Reading goes on; only sending ends.</summary>
    public bool LeavesReading { get; init; }

    /// <summary>
    /// What the MailBackend must be able to do, by its name in status.capabilities; null for nothing.
    /// </summary>
    public string? Needs { get; init; }

    /// <summary>What works afterwards does not work from this machine.</summary>
    public bool LeavesNoLoginFromHere { get; init; }

    public static readonly EndStop[] All =
    [
        Device(DeviceSuspended, "{suspended: true}"),
        User(UserSuspended, "{suspended: true}"),
        User(SendingDenied, "{sending: Denied}") with { LeavesReading = true, Needs = "SendRight" },
        Device("protocols narrower", "{protocols: [IMAP]}") with { LeavesReading = true, Needs = "Protocols" },
        Device("networks narrower", "{allowedNetworks: [10.0.0.0/8]}") with
        {
            Needs = "Networks",
            LeavesNoLoginFromHere = true,
        },
        new(Leak, static (cluster, key) =>
            cluster.AnnotateAsync(ApiGroup.MailDevices, key, Annotations.RotateAndRevoke, "leak")),
        Device(Expiry, "{expiry: {at: '2026-01-01T00:00:00Z'}}"),
        new(Deletion, static (cluster, key) => cluster.DeleteAsync(ApiGroup.MailDevices, key)),
    ];

    private static EndStop Device(string name, string spec) => new(name, (cluster, key) =>
        cluster.MergeAsync(ApiGroup.MailDevices, key, $"{{spec: {spec}}}"));

    private static EndStop User(string name, string spec) => new(name, (cluster, key) =>
        cluster.MergeAsync(ApiGroup.MailUsers, key, $"{{spec: {spec}}}"));
}
