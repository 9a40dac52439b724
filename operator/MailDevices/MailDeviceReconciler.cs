using System.Collections.Concurrent;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Verification;

namespace MailOperator.MailDevices;

/// <summary>Observe, plan, apply, report: the shell around <see cref="MailDevicePlanner"/>.</summary>
internal sealed class MailDeviceReconciler(
    ObjectStore<MailDevice> devices,
    MailDeviceObserver observer,
    MailDeviceApplier applier,
    MailDeviceStatusWriter status,
    TimeProvider clock) : IReconciler
{
    // Issue, adjust, and see that nothing is left to do; more rounds than this in one pass is a fight with somebody.
    private const int MaxRounds = 4;

    // The Secret's write wakes its device before the watch shows the status that told of the login, and nothing else tells of it.
    private readonly ConcurrentDictionary<ObjectKey, (string Uid, EndedLogin Login)> _ended = new();

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (devices.Find(key) is not { } device)
        {
            status.Forget(key);
            _ended.TryRemove(key, out _);
            return ReconcileResult.Done; // gone, and its finalizer has already cleaned up
        }

        try
        {
            return await ConvergeAsync(device, cancellationToken);
        }
        catch (MailBackendException e) when (e.Failure == BackendFailure.Busy)
        {
            return ReconcileResult.After(e.RetryAfter);
        }
    }

    private async Task<ReconcileResult> ConvergeAsync(MailDevice device, CancellationToken cancellationToken)
    {
        SecretState? written = null;
        bool isSuspensionComplete = false;
        LoginCheck? tried = null;
        for (int round = 1; ; round++)
        {
            (MailDeviceSnapshot observed, MailBackendException? failure) = await ObserveAsync(device, written, cancellationToken);
            observed = observed with { IsSuspensionComplete = observed.IsSuspensionComplete || isSuspensionComplete, LoginCheck = observed.LoginCheck?.After(tried) };
            MailDevicePlan plan = MailDevicePlanner.Plan(observed, clock.GetUtcNow());
            PlanOutcome outcome = failure is not null
                ? new PlanOutcome { Failure = failure }
                : await applier.ApplyAsync(device, observed, plan, cancellationToken);
            if (outcome.Login is { } answer)
            {
                tried = observed.LoginCheck! with { Answer = answer, AnswerIsFor = SelectorOf(outcome.Secret ?? observed.Secret), IsFresh = true };
            }

            if (outcome.EndedLogin is { } login)
            {
                _ended[device.Key] = (device.Metadata.Uid, login);
            }

            if (outcome.IsFinalizerRemoved)
            {
                return ReconcileResult.Done;
            }

            if (outcome is { HasChanged: true, WaitsForWatch: false, RecheckAfter: null, Failure: null, RestartProblem: null } && round < MaxRounds)
            {
                written = outcome.Secret ?? written;
                isSuspensionComplete |= outcome.IsSuspensionComplete;
                continue;
            }

            ThrowIfBusy(outcome);
            observed = observed with { LoginCheck = observed.LoginCheck?.After(tried), EndedLogin = EndedLoginOf(device) };
            plan = plan with { Verdict = plan.Verdict with { RestartProblem = outcome.RestartProblem } };
            await status.PublishAsync(device, observed, plan, outcome.Failure, cancellationToken);
            return outcome.Failure is { Failure: not BackendFailure.NotEligible } problem
                ? throw problem
                : ReconcileResult.After(outcome.Failure is null ? outcome.RecheckAfter ?? plan.RecheckAfter : FailureReasons.NotEligibleRecheck);
        }
    }

    private async Task<(MailDeviceSnapshot Observed, MailBackendException? Failure)> ObserveAsync(
        MailDevice device, SecretState? written, CancellationToken cancellationToken)
    {
        try
        {
            MailDeviceSnapshot observed = await observer.ObserveAsync(device, written, mustBeLive: false, cancellationToken);
            return !observed.IsSecretLive && MailDevicePlanner.Plan(observed, clock.GetUtcNow()).NeedsLiveSecret
                ? (await observer.ObserveAsync(device, written: null, mustBeLive: true, cancellationToken), null)
                : (observed, null);
        }
        catch (MailBackendException e) when (e.Failure != BackendFailure.Busy)
        {
            return (observer.Unobserved(device), e);
        }
    }

    private EndedLogin? EndedLoginOf(MailDevice device) =>
        _ended.TryGetValue(device.Key, out (string Uid, EndedLogin Login) known) && known.Uid == device.Metadata.Uid ? known.Login : null;

    private static string SelectorOf(SecretState? secret) => (secret as SecretState.Owned)?.Credential.Selector ?? "";

    private static void ThrowIfBusy(PlanOutcome outcome)
    {
        if (outcome.Failure is { Failure: BackendFailure.Busy } busy)
        {
            throw busy;
        }
    }
}
