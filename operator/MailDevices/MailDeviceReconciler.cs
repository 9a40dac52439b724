using System.Collections.Concurrent;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Credentials;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Verification;

namespace MailOperator.MailDevices;

/// <summary>Observes, plans with <see cref="MailDevicePlanner"/>, applies and reports.</summary>
internal sealed class MailDeviceReconciler(
    ObjectStore<MailDevice> devices,
    MailDeviceObserver observer,
    MailDeviceApplier applier,
    MailDeviceStatusWriter status,
    UnconfirmedSlots unconfirmed,
    TimeProvider clock) : IReconciler
{
    // Rounds to begin, to issue, to adjust, and to confirm that nothing is left. More mean that another writer keeps
    // undoing our changes: stop and requeue.
    private const int MaxRounds = 5;

    // Our write of the Secret requeues the device before the informer shows the status that recorded this login, so
    // remember it here.
    private readonly ConcurrentDictionary<ObjectKey, (string Uid, EndedLogin Login)> _ended = new();

    // UIDs of the deleted devices that were let go. The end of the Secret wakes one that the informer still shows with
    // its finalizer: it must not be ended a second time.
    private readonly ConcurrentDictionary<ObjectKey, string> _letGo = new();

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (devices.Find(key) is not { } device)
        {
            status.Forget(key);
            unconfirmed.Forget(key);
            _ended.TryRemove(key, out _);
            _letGo.TryRemove(key, out _);
            return ReconcileResult.Done; // deleted, and cleaned up before its finalizer was removed
        }

        if (_letGo.GetValueOrDefault(key) == device.Metadata.Uid)
        {
            return ReconcileResult.Done;
        }

        return await ConvergeAsync(device, cancellationToken);
    }

    // A device that is not deleted has only lost its grant, and may be granted again.
    private void LetGo(MailDevice device)
    {
        if (device.IsDeleting)
        {
            _letGo[device.Key] = device.Metadata.Uid;
        }
    }

    private async Task<ReconcileResult> ConvergeAsync(MailDevice device, CancellationToken cancellationToken)
    {
        var learned = new Learned();
        for (int round = 1; ; round++)
        {
            (MailDeviceSnapshot observed, MailDevicePlan plan, MailBackendException? failure) =
                await PlanAsync(device, learned, cancellationToken);
            await RecordBackendAsync(device, observed, plan, cancellationToken);
            PlanOutcome outcome = failure is not null
                ? new PlanOutcome { Failure = failure, AreEndsDone = false }
                : await applier.ApplyAsync(device, observed, plan, cancellationToken);
            learned = learned.From(observed, outcome);
            device = outcome.Begun ?? device;
            if (outcome.EndedLogin is { } login)
            {
                _ended[device.Key] = (device.Metadata.Uid, login);
            }

            if (outcome.IsAdopted)
            {
                return ReconcileResult.Done; // its watch event begins the next pass
            }

            if (outcome.IsFinalizerRemoved)
            {
                LetGo(device);
                return ReconcileResult.Done;
            }

            if (outcome.CallsForAnotherRound && round < MaxRounds)
            {
                continue;
            }

            return await ReportAsync(device, learned.Complete(observed), plan, outcome, cancellationToken);
        }
    }

    /// <summary>
    /// For a device that had the finalizer before the operator saw it: before the first password the status says where
    /// it will be, as the finalizer's annotation does otherwise.
    /// </summary>
    private async Task RecordBackendAsync(
        MailDevice device, MailDeviceSnapshot observed, MailDevicePlan plan, CancellationToken cancellationToken)
    {
        if (device.BoundBackend is null && plan.Changes.Any(
            static change => change is Change.IssueCredential or Change.CommitClaimedHash))
        {
            var begun = new PlanOutcome { AreEndsDone = false };
            await PublishAsync(device, observed, plan, begun, failure: null, cancellationToken);
        }
    }

    /// <summary>
    /// Observes once, reads the clock once and plans once. Does so again with a live Secret if the plan depends on it.
    /// </summary>
    private async Task<(MailDeviceSnapshot Observed, MailDevicePlan Plan, MailBackendException? Failure)> PlanAsync(
        MailDevice device, Learned learned, CancellationToken cancellationToken)
    {
        try
        {
            MailDeviceSnapshot observed = learned.Complete(
                await observer.ObserveAsync(device, learned.Known, mustBeLive: false, cancellationToken));
            DateTimeOffset now = clock.GetUtcNow();
            MailDevicePlan plan = MailDevicePlanner.Plan(observed, now);
            if (!observed.IsSecretLive && plan.NeedsLiveSecret)
            {
                observed = learned.Complete(
                    await observer.ObserveAsync(device, KnownInPass.Nothing, mustBeLive: true, cancellationToken));
                plan = MailDevicePlanner.Plan(observed, now);
            }

            return (observed, plan, null);
        }
        catch (MailBackendException e)
        {
            MailDeviceSnapshot unobserved = learned.Complete(observer.Unobserved(device));
            return (unobserved, MailDevicePlanner.Plan(unobserved, clock.GetUtcNow()), e);
        }
    }

    private async Task<ReconcileResult> ReportAsync(
        MailDevice device,
        MailDeviceSnapshot observed,
        MailDevicePlan plan,
        PlanOutcome outcome,
        CancellationToken cancellationToken)
    {
        if (outcome.Failure is { Failure: BackendFailure.Busy } busy)
        {
            return await WaitAsync(device, observed, plan, outcome, busy, cancellationToken);
        }

        await PublishAsync(device, observed, plan, outcome, outcome.Failure, cancellationToken);
        return outcome.Failure switch
        {
            null => ReconcileResult.After(outcome.RecheckAfter ?? plan.RecheckAfter),
            { Failure: BackendFailure.NotEligible } => ReconcileResult.After(FailureReasons.NotEligibleRecheck),
            { } problem => throw problem,
        };
    }

    /// <summary>
    /// A device that waits for its turn says so, and never that it has a password if its Secret is gone. If its slots
    /// could not be listed, the status stays, because nothing new was seen.
    /// </summary>
    private async Task<ReconcileResult> WaitAsync(
        MailDevice device,
        MailDeviceSnapshot observed,
        MailDevicePlan plan,
        PlanOutcome outcome,
        MailBackendException busy,
        CancellationToken cancellationToken)
    {
        if (outcome.AreEndsDone || observer.IsSecretGone(device))
        {
            DeviceVerdict waiting = Waiting.VerdictOn(observed, busy.Message, clock.GetUtcNow());
            await PublishAsync(
                device,
                observed,
                plan with { Verdict = waiting with { PendingRevocation = plan.Verdict.PendingRevocation } },
                outcome,
                failure: null,
                cancellationToken);
        }

        return ReconcileResult.After(busy.RetryAfter);
    }

    private Task PublishAsync(
        MailDevice device,
        MailDeviceSnapshot observed,
        MailDevicePlan plan,
        PlanOutcome outcome,
        MailBackendException? failure,
        CancellationToken cancellationToken)
    {
        DeviceVerdict verdict = plan.Verdict with
        {
            RestartProblem = outcome.RestartProblem,
            AreEndsDone = outcome.AreEndsDone && observed.Unreachable is null,
        };
        return status.PublishAsync(
            device,
            observed with { EndedLogin = EndedLoginOf(device) },
            plan with { Verdict = verdict },
            failure,
            cancellationToken);
    }

    private EndedLogin? EndedLoginOf(MailDevice device) =>
        _ended.TryGetValue(device.Key, out (string Uid, EndedLogin Login) known) && known.Uid == device.Metadata.Uid
            ? known.Login
            : null;

    /// <summary>What earlier rounds of this pass learned and the caches do not show yet.</summary>
    private sealed record Learned
    {
        /// <summary>What the next round need not ask for.</summary>
        public KnownInPass Known { get; private init; } = KnownInPass.Nothing;

        private bool IsSuspensionComplete { get; init; }

        private LoginCheck? Tried { get; init; }

        public Learned From(MailDeviceSnapshot observed, PlanOutcome outcome) => new()
        {
            Known = new KnownInPass(
                outcome.Secret ?? Known.Written,
                IsDeviceNew: outcome.Begun is { Status.Credentials: null or { Length: 0 } },
                Slots: outcome.Begun is not null && observed.AreSlotsKnown
                    ? [.. observed.Slots, .. observed.EndedSlots]
                    : null),
            IsSuspensionComplete = IsSuspensionComplete || outcome.IsSuspensionComplete,
            Tried = outcome.Login is { } answer
                ? observed.LoginCheck! with
                {
                    Answer = answer,
                    AnswerIsFor = ((outcome.Secret ?? observed.Secret) as SecretState.Owned)?.Credential.Selector ?? "",
                }
                : Tried,
        };

        public MailDeviceSnapshot Complete(MailDeviceSnapshot observed) => observed with
        {
            IsSuspensionComplete = observed.IsSuspensionComplete || IsSuspensionComplete,
            LoginCheck = observed.LoginCheck?.After(Tried),
        };
    }
}
