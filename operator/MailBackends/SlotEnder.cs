using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailServers;

namespace MailOperator.MailBackends;

/// <summary>Ends slots that have no device, in several passes where mail servers must be told.</summary>
internal sealed class SlotEnder(IMailServers servers, TimeProvider clock)
{
    /// <summary>Takes the next steps. What is refused but not told yet keeps its slot.</summary>
    /// <param name="backend">The MailBackend.</param>
    /// <param name="at">The running backend, seen from one mailbox.</param>
    /// <param name="slots">The slots to end.</param>
    /// <param name="cancellationToken">Ends the pass; the next one continues.</param>
    /// <exception cref="MailBackendException">It takes no more requests at the moment.</exception>
    public async Task<SlotEnding> EndAsync(
        MailBackend backend,
        Func<string, IMailBackend> at,
        IReadOnlyCollection<Slot> slots,
        CancellationToken cancellationToken)
    {
        if (slots.Count == 0)
        {
            return SlotEnding.Nothing;
        }

        bool areTold = IMailServers.AreTold(backend.Spec) || BackendRules.TellProblem(backend) is not null;
        TimeSpan? delay = areTold ? at(slots.First().Mailbox).PropagationDelay : null;
        SlotEndPlan plan = SlotEndPlanner.Plan(slots, delay, clock.GetUtcNow());
        if (await ApplyAsync(at, plan.Refuse, [], cancellationToken) is { } refused)
        {
            return SlotEnding.Nothing with { Problem = refused };
        }

        string? problem = (areTold ? await TellAsync(backend, plan.Finish, cancellationToken) : null)
            ?? await ApplyAsync(at, [], plan.Finish, cancellationToken);
        return new SlotEnding(plan.Refuse, problem is null ? plan.Finish : [], plan.DueIn, problem);
    }

    private async Task<string?> TellAsync(
        MailBackend backend, ImmutableArray<Slot> slots, CancellationToken cancellationToken)
    {
        if (slots.IsEmpty)
        {
            return null;
        }

        if (BackendRules.TellProblem(backend) is { } problem)
        {
            return $"The mail servers cannot be told that passwords ended: {problem}";
        }

        try
        {
            await servers.TellAsync(
                backend.Spec,
                [.. slots.Select(static slot => slot.Mailbox).Distinct(StringComparer.Ordinal)],
                endsSessions: true,
                cancellationToken);
            return null;
        }
        catch (MailBackendException e)
        {
            return e.Message;
        }
    }

    /// <summary>
    /// Changes the slots of all owners at once, so that a backend which writes in batches writes once. Returns why it
    /// did not take a change; null if it did.
    /// </summary>
    private static async Task<string?> ApplyAsync(
        Func<string, IMailBackend> at,
        ImmutableArray<Slot> put,
        ImmutableArray<Slot> remove,
        CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(put.Concat(remove).GroupBy(static slot => (slot.Owner, slot.Mailbox)).Select(owned =>
                at(owned.Key.Mailbox).ApplyAsync(
                    new SlotChange(
                        owned.Key.Owner,
                        [.. owned.Where(put.Contains)],
                        [.. owned.Where(remove.Contains).Select(static slot => slot.Selector)]),
                    cancellationToken)));
            return null;
        }
        catch (MailBackendException e) when (e.Failure != BackendFailure.Busy)
        {
            return e.Message;
        }
    }
}
