using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Reporting;

/// <summary>
/// Reports on objects of one kind that are ready or not: one write of the status if it differs, one Warning
/// event if there is new trouble.
/// </summary>
internal sealed class ReadyReporter(ResourceType type, ObjectWriter writer, EventRecorder events, TimeProvider clock)
{
    /// <param name="about">The object as it was seen.</param>
    /// <param name="before">Its status as it was seen.</param>
    /// <param name="previous">The conditions in it.</param>
    /// <param name="ready">What is so now.</param>
    /// <param name="others">What else is so.</param>
    /// <param name="statusOf">The whole status, made around the conditions.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    public async Task PublishAsync<TStatus>(
        ApiObject about, TStatus? before, Condition[]? previous, Condition ready, Condition[] others, Func<Condition[], TStatus> statusOf, CancellationToken cancellationToken)
        where TStatus : class
    {
        TStatus status = statusOf(ReadyConditions.Build(previous ?? [], ready, others, about.Metadata.Generation, clock.GetUtcNow()));
        if (before is not null && ApiJson.Serialize(before).AsSpan().SequenceEqual(ApiJson.Serialize(status)))
        {
            return;
        }

        await writer.WriteStatusAsync(type, about, status, cancellationToken);
        foreach (Condition trouble in others.Prepend(ready).Where(condition => IsTrouble(condition) && IsNew(condition, previous)))
        {
            events.Warning(type, about, trouble.Reason, trouble.Message);
        }
    }

    // Ready is good when it is true; what is said beside it is said because something is wrong.
    private static bool IsTrouble(Condition condition) => condition.Type != ConditionTypes.Ready || condition.Status == "False";

    private static bool IsNew(Condition condition, Condition[]? previous) =>
        StatusConditions.Find(previous ?? [], condition.Type) is not { } before || before.Reason != condition.Reason || before.Message != condition.Message;
}
