using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Reporting;

/// <summary>
/// Reports on the objects of a kind whose status is summed up in Ready: writes the status if it differs, and one
/// Warning event for each new problem.
/// </summary>
internal sealed class ReadyReporter(ResourceType type, ObjectWriter writer, EventRecorder events, TimeProvider clock)
{
    private readonly StatusPublisher _publisher = new(type, writer);

    /// <param name="target">The object as the informer shows it.</param>
    /// <param name="before">Its status there; null if it has none yet.</param>
    /// <param name="previous">The conditions in that status.</param>
    /// <param name="ready">The condition Ready as it is now.</param>
    /// <param name="others">Further conditions, each of which is a problem.</param>
    /// <param name="statusOf">Makes the whole status around the conditions.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    public async Task PublishAsync<TStatus>(
        ApiObject target,
        TStatus? before,
        Condition[]? previous,
        Condition ready,
        Condition[] others,
        Func<Condition[], TStatus> statusOf,
        CancellationToken cancellationToken)
        where TStatus : class
    {
        TStatus status = statusOf(ReadyConditions.Build(
            previous ?? [], ready, others, target.Metadata.Generation, clock.GetUtcNow()));
        if (!await _publisher.PublishAsync(target, before, status, cancellationToken))
        {
            return;
        }

        foreach (Condition problem in others.Prepend(ready).Where(one => IsProblem(one) && IsNew(one, previous)))
        {
            events.Warning(type, target, problem.Reason, problem.Message);
        }
    }

    /// <summary>Call this when the object is gone.</summary>
    public void Forget(ObjectKey key) => _publisher.Forget(key);

    // Devices follow within a second or so; those that cannot are a problem in a condition of its own.
    private static bool IsProblem(Condition condition) =>
        condition.Type != ConditionTypes.Ready
        || (condition.IsFalse() && condition.Reason != Reasons.DevicesPending);

    private static bool IsNew(Condition condition, Condition[]? previous) =>
        StatusConditions.Find(previous ?? [], condition.Type) is not { } before
        || before.Reason != condition.Reason
        || before.Message != condition.Message;
}
