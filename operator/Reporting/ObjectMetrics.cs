using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Reporting;

/// <summary>
/// Publishes what the objects say of themselves, counted over the caches at each scrape: a reconcile pays nothing for
/// it. Every pod publishes it, also a follower, so that it is there while there is no leader. No label names an object
/// other than a MailBackend.
/// </summary>
internal sealed class ObjectMetrics(
    RuntimeMetrics metrics,
    ObjectStore<MailDevice> devices,
    ObjectStore<MailUser> users,
    ObjectStore<MailBackend> backends,
    ObjectStore<DeviceInvitation> invitations,
    TimeProvider clock) : IHostedService
{
    private ObjectTally _devices = new([]);
    private ObjectTally _users = new([]);
    private ObjectTally _backends = new([]);
    private ObjectTally _invitations = new([]);
    private DeviceTimes _times;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Gauges are read in the order of their creation: the first one counts for all that follow.
        metrics.Scrape("devices", "MailDevices, by their condition Ready.", ["ready", "reason"], () =>
        {
            Count();
            return _devices.Ready;
        });
        Ready("users", "MailUsers, by their condition Ready.", () => _users);
        Ready("backends", "MailBackends, by their condition Ready.", () => _backends);
        Ready("invitations", "DeviceInvitations, by their condition Ready.", () => _invitations);
        metrics.Scrape(
            "conditions", "Objects with this condition.", ["kind", "type", "status"],
            () => Kinds().SelectMany(static one => one.Tally.Conditions(one.Kind)));
        metrics.Scrape(
            "blocked_ends", "Objects on which something that was to end has not ended, and does not without help.",
            ["kind"],
            () => Kinds().Where(static one => one.Kind != ApiGroup.DeviceInvitations.Kind)
                .Select(static one => new Sample(one.Tally.Blocked, one.Kind)));
        metrics.Scrape(
            "oldest_pending_revocation_seconds", "How long something that was to end has not ended; 0 if nothing.",
            ["kind"],
            () => Kinds().Where(static one => one.Kind != ApiGroup.DeviceInvitations.Kind)
                .Select(one => new Sample(Age(one.Tally.PendingSince), one.Kind)));
        metrics.Scrape(
            "backend_ready", "1 if the MailBackend is Ready.", ["backend"],
            () => backends.All.Select(static one => new Sample(
                ObjectTally.StatusOf(one.Status?.Conditions) == "true" ? 1 : 0, one.Metadata.Name)));
        ObserveTimes();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Ready(string name, string help, Func<ObjectTally> tally) =>
        metrics.Scrape(name, help, ["ready", "reason"], () => tally().Ready);

    private void ObserveTimes()
    {
        metrics.Scrape(
            "oldest_password_seconds", "Age of the oldest password that is a device's current one; 0 if none.", [],
            () => [new Sample(Age(_times.OldestIssue))]);
        metrics.Scrape(
            "rotation_overdue_seconds", "How long the rotation that is most overdue is; 0 if none is.", [],
            () => [new Sample(Age(_times.NextRotation))]);
        metrics.Scrape(
            "next_rotation_timestamp_seconds", "When the next rotation is due. Absent if none is.", [],
            () => At(_times.NextRotation));
        metrics.Scrape(
            "next_expiry_timestamp_seconds", "When the next device expires. Absent if none does.", [],
            () => At(_times.NextExpiry));
    }

    private void Count()
    {
        MailDevice[] all = [.. devices.All];
        _devices = new ObjectTally(all.Select(static one => one.Status?.Conditions));
        _times = DeviceTimes.Of(all, clock.GetUtcNow());
        _users = new ObjectTally(users.All.Select(static one => one.Status?.Conditions));
        _backends = new ObjectTally(backends.All.Select(static one => one.Status?.Conditions));
        _invitations = new ObjectTally(invitations.All.Select(static one => one.Status?.Conditions));
    }

    private (string Kind, ObjectTally Tally)[] Kinds() =>
    [
        (ApiGroup.MailDevices.Kind, _devices),
        (ApiGroup.MailUsers.Kind, _users),
        (ApiGroup.MailBackends.Kind, _backends),
        (ApiGroup.DeviceInvitations.Kind, _invitations),
    ];

    private double Age(DateTimeOffset? since) =>
        since is { } time ? Math.Max(0, (clock.GetUtcNow() - time).TotalSeconds) : 0;

    private static IEnumerable<Sample> At(DateTimeOffset? time) =>
        time is { } set ? [new Sample(set.ToUnixTimeSeconds())] : [];
}
