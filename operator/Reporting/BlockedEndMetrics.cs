using System.Diagnostics.Metrics;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Reporting;

/// <summary>
/// Publishes how many objects say that something which was to end has not ended and does not without help: the
/// condition RevocationPending with the reason RevocationBlocked.
/// </summary>
internal sealed class BlockedEndMetrics(
    RuntimeMetrics metrics,
    ObjectStore<MailDevice> devices,
    ObjectStore<MailUser> users,
    ObjectStore<MailBackend> backends) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        metrics.Meter.CreateObservableGauge(
            "blocked_ends", Measure, null,
            "Objects on which something that was to end has not ended, and does not without help.");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<Measurement<int>> Measure() =>
    [
        Of(ApiGroup.MailDevices, devices.All.Select(static one => one.Status?.Conditions)),
        Of(ApiGroup.MailUsers, users.All.Select(static one => one.Status?.Conditions)),
        Of(ApiGroup.MailBackends, backends.All.Select(static one => one.Status?.Conditions)),
    ];

    private static Measurement<int> Of(ResourceType kind, IEnumerable<IReadOnlyList<Condition>?> objects) => new(
        objects.Count(static conditions =>
            StatusConditions.Find(conditions ?? [], ConditionTypes.RevocationPending)
                is { Status: "True", Reason: Reasons.RevocationBlocked }),
        new KeyValuePair<string, object?>("kind", kind.Kind));
}
