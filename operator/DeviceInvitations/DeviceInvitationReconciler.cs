using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.DeviceInvitations;

/// <summary>Observes, plans with <see cref="InvitationPlanner"/>, applies the plan and reports.</summary>
internal sealed class DeviceInvitationReconciler(
    ObjectStore<DeviceInvitation> invitations,
    InvitationObserver observer,
    InvitationApplier applier,
    InvitationStatusWriter status,
    TimeProvider clock) : IReconciler
{
    // Record the claim, create its device, record the device, report. More means another writer keeps undoing our
    // change: stop.
    private const int MaxRounds = 5;

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (invitations.Find(key) is not { } invitation)
        {
            return ReconcileResult.Done; // gone, and its finalizer has already ended the link
        }

        InvitationOutcome done = new();
        for (int round = 1; ; round++)
        {
            InvitationSnapshot observed =
                await observer.ObserveAsync(invitation, done.Link, done.Device, cancellationToken);
            InvitationPlan plan = InvitationPlanner.Plan(observed, clock.GetUtcNow());
            InvitationOutcome outcome = await applier.ApplyAsync(invitation, observed, plan, cancellationToken);
            if (outcome.Result is { } result)
            {
                return result;
            }

            invitation = outcome.Reported ?? invitation;
            if (outcome.Refusal is { } refusal)
            {
                InvitationPlan refused = ClaimPlanner.DeviceRefused(refusal);
                await status.PublishAsync(invitation, observed, refused, cancellationToken);
                return ReconcileResult.After(InvitationPlanner.Recheck);
            }

            if (outcome.HasChanged && round < MaxRounds)
            {
                done = done with { Link = outcome.Link ?? done.Link, Device = outcome.Device ?? done.Device };
                continue;
            }

            await status.PublishAsync(invitation, observed, plan, cancellationToken);
            return ReconcileResult.After(plan.RecheckAfter);
        }
    }
}
