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
/// Applies a plan change by change. Stops at the first failure, because later changes depend on earlier ones.
/// </summary>
internal sealed partial class MailDeviceApplier(
    CredentialChanges credentials,
    RevocationChanges revocations,
    DeviceSecrets secrets,
    DeviceBackends backends,
    LoginVerifier verifier,
    RolloutRestarter restarter,
    ObjectWriter writer,
    ILogger<MailDeviceApplier> logger)
{
    public async Task<PlanOutcome> ApplyAsync(
        MailDevice device, MailDeviceSnapshot observed, MailDevicePlan plan, CancellationToken cancellationToken)
    {
        var outcome = new PlanOutcome();
        foreach (Change change in plan.Changes)
        {
            try
            {
                outcome = await ApplyAsync(device, observed, change, outcome, cancellationToken) with
                {
                    HasChanged = true,
                };
                Log.Applied(logger, device.Key, change.GetType().Name);
            }
            catch (MailBackendException e) when (e.Failure == BackendFailure.Propagating)
            {
                return outcome with { RecheckAfter = e.RetryAfter };
            }
            catch (MailBackendException e)
            {
                return outcome with { Failure = e };
            }
        }

        return outcome;
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
                await writer.AddFinalizerAsync(ApiGroup.MailDevices, device, Finalizers.Revocation, cancellationToken);
                return outcome with { WaitsForWatch = true };
            case Change.RemoveFinalizer:
                await writer.RemoveFinalizerAsync(
                    ApiGroup.MailDevices, device, Finalizers.Revocation, cancellationToken);
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
            case Change.OfRevocation revocation:
                return await revocations.ApplyAsync(device, observed, revocation, outcome, cancellationToken);
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

    private static partial class Log
    {
        [LoggerMessage(201, LogLevel.Information, "{Device}: {Change}")]
        public static partial void Applied(ILogger logger, ObjectKey device, string change);
    }
}
