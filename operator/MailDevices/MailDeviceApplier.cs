using System.Diagnostics;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.MailDevices.Credentials;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Revocation;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailDevices.Verification;

namespace MailOperator.MailDevices;

/// <summary>
/// Applies a plan: first what takes rights away, each of which is tried, then the rest in order. The rest stops at the
/// first failure, because later changes depend on earlier ones.
/// </summary>
internal sealed class MailDeviceApplier(
    CredentialChanges credentials,
    RevocationChanges revocations,
    EndedLoginChanges endedLogins,
    DeviceSecrets secrets,
    DeviceBackends backends,
    LoginVerifier verifier,
    RolloutRestarter restarter,
    DeviceObject objects)
{
    public async Task<PlanOutcome> ApplyAsync(
        MailDevice device, MailDeviceSnapshot observed, MailDevicePlan plan, CancellationToken cancellationToken)
    {
        var run = new PlanRun(observed);
        var outcome = new PlanOutcome();
        foreach (Change change in plan.Changes)
        {
            if (change is Change.OfRevocation end)
            {
                outcome = await EndAsync(device, observed, end, run, outcome, cancellationToken);
            }
            else if (run.HoldsBack(change))
            {
                break;
            }
            else
            {
                outcome = await FollowAsync(device, observed, change, outcome, cancellationToken);
                if (outcome is { Failure: not null } or { RecheckAfter: not null })
                {
                    break;
                }
            }
        }

        objects.AnnounceAbandoned(device, observed, run.Failures);
        return outcome with
        {
            AreEndsDone = run.Failures.Count == 0,
            Failure = outcome.Failure ?? (observed.IsAbandoned ? null : run.Worst),
        };
    }

    private async Task<PlanOutcome> EndAsync(
        MailDevice device,
        MailDeviceSnapshot observed,
        Change.OfRevocation end,
        PlanRun run,
        PlanOutcome outcome,
        CancellationToken cancellationToken)
    {
        if (!run.IsToTry(end))
        {
            return outcome;
        }

        try
        {
            await revocations.ApplyAsync(device, observed, end, cancellationToken);
            objects.LogApplied(device, observed, end);
            return outcome with
            {
                HasChanged = true,
                IsSuspensionComplete = outcome.IsSuspensionComplete
                    || end is Change.TellMailServers { CompletesSuspension: true },
            };
        }
        catch (MailBackendException e)
        {
            run.Failed(end, e);
            return outcome;
        }
    }

    private async Task<PlanOutcome> FollowAsync(
        MailDevice device,
        MailDeviceSnapshot observed,
        Change change,
        PlanOutcome outcome,
        CancellationToken cancellationToken)
    {
        try
        {
            PlanOutcome next = await ApplyAsync(device, observed, change, outcome, cancellationToken);
            objects.LogApplied(device, observed, change, next.Secret);
            return next with { HasChanged = true };
        }
        catch (MailBackendException e) when (e.Failure == BackendFailure.Propagating)
        {
            return outcome with { RecheckAfter = e.RetryAfter };
        }
        catch (MailBackendException e)
        {
            return outcome with { Failure = e };
        }
        catch (ApiException e) when (RefusedWrite.Of(change, e) is { } refused)
        {
            return outcome with { Failure = refused };
        }
    }

    private async Task<PlanOutcome> ApplyAsync(
        MailDevice device,
        MailDeviceSnapshot observed,
        Change change,
        PlanOutcome outcome,
        CancellationToken cancellationToken)
    {
        DesiredCredential? desired = observed.Desired;
        switch (change)
        {
            case Change.AddFinalizer:
                MailDevice begun = await objects.AddFinalizerAsync(
                    device, desired?.BackendName ?? observed.BackendName, cancellationToken);
                // The other passwords come from objects that the caches may show as they were.
                return desired?.Password is DesiredPassword.Generated
                    ? outcome with { Begun = begun }
                    : outcome with { WaitsForWatch = true };
            case Change.AdoptSecret adopt:
                await objects.AdoptAsync(device, adopt.Uid, cancellationToken);
                return outcome with { IsAdopted = true };
            case Change.RemoveFinalizer remove:
                await objects.RemoveFinalizerAsync(device, hasEnded: !remove.LeavesPasswords, cancellationToken);
                return outcome with { IsFinalizerRemoved = true };
            case Change.PutSlots put:
                await backends.At(desired!.BackendName, desired.Access.Mailbox)
                    .ApplyAsync(new SlotChange(backends.OwnerOf(device), put.Slots, []), cancellationToken);
                return outcome;
            case Change.VerifyLogin verify:
                return outcome with
                {
                    Login = await verifier.TryCommittedAsync(
                        device, observed.LoginCheck!, verify.Secret, cancellationToken),
                };
            case Change.RepairSecret repair:
                return outcome with
                {
                    Secret = await secrets.RepairAsync(device, desired!, repair.Secret, cancellationToken),
                };
            case Change.ReplaceSecret replace:
                return outcome with
                {
                    Secret = await secrets.ReplaceAsync(device, desired!, replace.Secret, cancellationToken),
                };
            case Change.DeleteSecret delete:
                await secrets.DeleteAsync(device.Metadata.NamespaceProperty, delete.Secret, cancellationToken);
                return delete.Secret.Name == desired?.Secret.Name
                    ? outcome with { Secret = new SecretState.Absent() }
                    : outcome;
            case Change.RestartRollouts restart:
                return await RestartAsync(device, desired!, restart, outcome, cancellationToken);
            case Change.OfCredential credential:
                return await credentials.ApplyAsync(device, observed, credential, outcome, cancellationToken);
            case Change.OfVerification verification:
                return await endedLogins.ApplyAsync(device, observed, verification, outcome, cancellationToken);
            case Change.AnnounceEnd end:
                objects.AnnounceEnd(device, end.IsRetained);
                return outcome;
            default:
                throw new UnreachableException($"Nothing applies {change.GetType().Name}.");
        }
    }

    private async Task<PlanOutcome> RestartAsync(
        MailDevice device,
        DesiredCredential desired,
        Change.RestartRollouts restart,
        PlanOutcome outcome,
        CancellationToken cancellationToken)
    {
        if (await restarter.RestartAsync(
            device, restart.Targets, restart.Secret.Credential.Selector, cancellationToken) is { } problem)
        {
            return outcome with { RestartProblem = problem };
        }

        SecretState.Owned restarted = restart.Secret with
        {
            Credential = restart.Secret.Credential with { IsRestartOwed = false },
        };
        return outcome with { Secret = await secrets.RepairAsync(device, desired, restarted, cancellationToken) };
    }
}
