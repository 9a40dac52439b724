using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.DeviceInvitations;

/// <summary>Observe, plan, apply, report: the shell around <see cref="InvitationPlanner"/>.</summary>
internal sealed class DeviceInvitationReconciler(
    ObjectStore<DeviceInvitation> invitations,
    InvitationObserver observer,
    InvitationApplier applier,
    InvitationStatusWriter status,
    InvitationDelivery delivery,
    TimeProvider clock) : IReconciler
{
    // Make the link, say so; more rounds than this in one pass is a fight with somebody.
    private const int MaxRounds = 4;

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (invitations.Find(key) is not { } invitation)
        {
            return ReconcileResult.Done; // gone, and its finalizer has already ended the link
        }

        InvitationOutcome done = new();
        for (int round = 1; ; round++)
        {
            InvitationSnapshot observed = await observer.ObserveAsync(invitation, done.Link, done.Device, cancellationToken);
            InvitationPlan plan = InvitationPlanner.Plan(observed, clock.GetUtcNow());
            InvitationOutcome outcome = await applier.ApplyAsync(invitation, plan, cancellationToken);
            if (outcome.WaitsForWatch)
            {
                return ReconcileResult.Done;
            }

            if (outcome.Refusal is { } refusal)
            {
                await status.PublishAsync(invitation, observed, ClaimPlanner.NotLetIn(observed, refusal), cancellationToken);
                return ReconcileResult.After(InvitationPlanner.Recheck);
            }

            if (outcome.HasChanged && round < MaxRounds)
            {
                done = done with { Link = outcome.Link ?? done.Link, Device = outcome.Device ?? done.Device };
                continue;
            }

            if (plan.IsMailDue)
            {
                return ReconcileResult.After(await delivery.DeliverAsync(invitation, observed, plan, cancellationToken));
            }

            invitation = await status.PublishAsync(invitation, observed, plan, cancellationToken);
            if (!plan.GoesOnOnceReported)
            {
                return ReconcileResult.After(plan.RecheckAfter);
            }
        }
    }
}
