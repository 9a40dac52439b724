using System.Diagnostics;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Credentials;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Revocation;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailDevices.Verification;
using MailOperator.MailServers;

namespace MailOperator.MailDevices;

/// <summary>Carries out a plan, one method per kind of change. Stops at the first failure: what follows depends on it.</summary>
internal sealed partial class MailDeviceApplier(
    ObjectStore<MailBackend> backends,
    BackendRegistry registry,
    DeviceFreshness freshness,
    CredentialIssuer issuer,
    ClaimedPasswordIssuer keeper,
    CredentialRevoker revoker,
    IMailServers servers,
    LoginVerifier verifier,
    DeviceSecrets secrets,
    RolloutRestarter restarter,
    ObjectWriter writer,
    EventRecorder events,
    OperatorIdentity identity,
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
                outcome = await ApplyAsync(device, observed, change, outcome, cancellationToken) with { HasChanged = true };
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
        MailDevice device, MailDeviceSnapshot observed, Change change, PlanOutcome outcome, CancellationToken cancellationToken)
    {
        DesiredCredential? desired = observed.Desired;
        switch (change)
        {
            case Change.AddFinalizer:
                await writer.AddFinalizerAsync(ApiGroup.MailDevices, device, Finalizers.Revocation, cancellationToken);
                return outcome with { WaitsForWatch = true };
            case Change.IssueCredential issue:
                (SecretState.Owned issued, LoginAnswer? login) = await IssueAsync(device, observed, issue, cancellationToken);
                return outcome with { Secret = issued, Login = login };
            case Change.CommitClaimedHash keep:
                return outcome with { Secret = await KeepAsync(device, observed, keep, cancellationToken) };
            case Change.VerifyLogin verify:
                return outcome with { Login = await verifier.TryCommittedAsync(device, observed.LoginCheck!, verify.Secret, cancellationToken) };
            case Change.ExpectRefusal expected:
                await verifier.ExpectRefusalAsync(device, expected.Endpoint, expected.Username, expected.Left, cancellationToken);
                return outcome;
            case Change.TryEnded tried:
                return await TryEndedAsync(device, desired!, tried, outcome, cancellationToken);
            case Change.ConfirmTokens:
                await freshness.ThrowIfStaleAsync(device, cancellationToken);
                return outcome;
            case Change.RestoreSlot restore:
                await RestoreAsync(device, desired!, restore.Secret, cancellationToken);
                return outcome;
            case Change.PutSlots put:
                await BackendOf(desired!).ApplyAsync(new SlotChange(OwnerOf(device), put.Slots, []), cancellationToken);
                return outcome;
            case Change.RemoveSlots remove:
                await BackendNamed(observed.BackendName!, device).ApplyAsync(new SlotChange(OwnerOf(device), [], remove.Selectors), cancellationToken);
                return outcome;
            case Change.RefuseSlots refuse:
                await BackendNamed(observed.BackendName!, device).ApplyAsync(new SlotChange(OwnerOf(device), refuse.Slots, []), cancellationToken);
                return outcome;
            case Change.TellMailServers tell:
                await TellAsync(observed, tell, cancellationToken);
                return outcome with { IsSuspensionComplete = outcome.IsSuspensionComplete || tell.CompletesSuspension };
            case Change.RepairSecret repair:
                return outcome with { Secret = await secrets.RepairAsync(device, desired!, repair.Secret, cancellationToken) };
            case Change.AnswerUnchanged answer:
                return outcome with { Secret = await AnswerAsync(device, desired!, answer.Secret, cancellationToken) };
            case Change.ReplaceSecret replace:
                return outcome with { Secret = await secrets.ReplaceAsync(device, desired!, replace.Secret, cancellationToken) };
            case Change.RestartRollouts restart:
                return await RestartAsync(device, desired!, restart, outcome, cancellationToken);
            case Change.DeleteSecret delete:
                await secrets.DeleteAsync(device.Metadata.NamespaceProperty, delete.Secret, cancellationToken);
                return delete.Secret.Name == desired?.SecretName ? outcome with { Secret = new SecretState.Absent() } : outcome;
            case Change.RevokeAll revoke:
                await revoker.RevokeAsync(device, revoke.IsAbandoned, cancellationToken);
                return outcome;
            case Change.RetainSlots retain:
                await revoker.RetainAsync(device, retain.IsAbandoned, cancellationToken);
                return outcome;
            case Change.RemoveFinalizer:
                await writer.RemoveFinalizerAsync(ApiGroup.MailDevices, device, Finalizers.Revocation, cancellationToken);
                return outcome with { IsFinalizerRemoved = true };
            default:
                throw new UnreachableException($"No way is known to apply {change.GetType().Name}.");
        }
    }

    private async Task<(SecretState.Owned Secret, LoginAnswer? Login)> IssueAsync(
        MailDevice device, MailDeviceSnapshot observed, Change.IssueCredential issue, CancellationToken cancellationToken)
    {
        DesiredCredential desired = observed.Desired!;
        if (issue.IsUnasked)
        {
            registry.CountUnasked(desired.BackendName, Spec(desired).MaxRotationsPerMinute ?? BackendRegistry.DefaultUnaskedPerMinute);
        }

        (SecretState.Owned written, LoginAnswer? login) = await issuer.IssueAsync(
            device, observed, issue, BackendOf(desired), OwnerOf(device), cancellationToken);
        string message = $"Password {written.Credential.Selector} of {desired.Username} is in Secret '{written.Name}'";
        switch (issue.Reason)
        {
            case Reasons.SecretTampered:
                events.Warning(ApiGroup.MailDevices, device, issue.Reason, $"The Secret was changed by another; {message} in place of what was there");
                break;
            case Reasons.SlotMissing:
                events.Warning(
                    ApiGroup.MailDevices, device, issue.Reason,
                    $"MailBackend '{desired.BackendName}' shows credential {issue.Over!.Credential.Selector} no more; {message}. If it was renamed there and not removed, it still works: remove it there");
                break;
            case Reasons.SecretDeleted:
                events.Warning(ApiGroup.MailDevices, device, issue.Reason, $"The Secret was gone; {message}{(written.Credential.Retiring.IsEmpty ? "" : ", the one before works until its overlap ends")}");
                break;
            case Reasons.Revoked:
                events.Normal(ApiGroup.MailDevices, device, issue.Reason, $"{message}; every earlier one ends now");
                break;
            case Reasons.Rotating:
                events.Normal(ApiGroup.MailDevices, device, issue.Reason, $"{message}; the one before works for another {Durations.Format(desired.Overlap)}");
                break;
            default:
                events.Normal(ApiGroup.MailDevices, device, issue.Reason, message);
                break;
        }

        return (written, login);
    }

    /// <summary>A login that is refused settles it. Anything else is told, and holds up nothing of the plan.</summary>
    private async Task<PlanOutcome> TryEndedAsync(
        MailDevice device, DesiredCredential desired, Change.TryEnded tried, PlanOutcome outcome, CancellationToken cancellationToken)
    {
        EndedLogin? login = await verifier.TryEndedAsync(device, tried.Check, tried.Ended, cancellationToken);
        if (login is { Answer.Outcome: not LoginOutcome.Refused })
        {
            return outcome with
            {
                EndedLogin = login,
                Failure = new MailBackendException(BackendFailure.NotFollowed, login.Answer.Outcome == LoginOutcome.Accepted
                    ? $"Password {tried.Ended.Id} is gone from the store, and a login with it still works ({login.Answer.Message})."
                    : $"Password {tried.Ended.Id} is gone from the store, and whether the mail server refuses it could not be seen ({login.Answer.Message})."),
            };
        }

        SecretState.Owned secret = outcome.Secret as SecretState.Owned ?? tried.Secret;
        CredentialRecord settled = secret.Credential with { ToBeRefused = [.. secret.Credential.ToBeRefused.Where(one => one.Id != tried.Ended.Id)] };
        return outcome with
        {
            EndedLogin = login,
            Secret = await secrets.RepairAsync(device, desired, secret with { Credential = settled }, cancellationToken),
        };
    }

    private async Task<SecretState> KeepAsync(
        MailDevice device, MailDeviceSnapshot observed, Change.CommitClaimedHash keep, CancellationToken cancellationToken)
    {
        DesiredCredential desired = observed.Desired!;
        SecretState written = await keeper.KeepAsync(device, observed, keep, BackendOf(desired), OwnerOf(device), cancellationToken);
        string message = $"Secret '{desired.SecretName}' keeps the hash of password {keep.Hash.Selector} of {desired.Username}, which a person holds";
        if (keep.Reason == Reasons.Issued)
        {
            events.Normal(ApiGroup.MailDevices, device, keep.Reason, message);
        }
        else
        {
            events.Warning(ApiGroup.MailDevices, device, keep.Reason, $"The Secret was {(keep.Over is null ? "gone" : "changed by another")}; {message} as before");
        }

        return written;
    }

    private async Task<SecretState> AnswerAsync(
        MailDevice device, DesiredCredential desired, SecretState.Owned secret, CancellationToken cancellationToken)
    {
        await freshness.ThrowIfStaleAsync(device, cancellationToken);
        SecretState written = await secrets.RepairAsync(device, desired, secret, cancellationToken);
        events.Warning(
            ApiGroup.MailDevices, device, Reasons.PasswordUnchanged,
            $"There is nothing to rotate to: Secret '{desired.Source!.Name}' holds the same password under '{desired.Source.Key}' as before; change it there");
        return written;
    }

    private async Task RestoreAsync(MailDevice device, DesiredCredential desired, SecretState.Owned secret, CancellationToken cancellationToken)
    {
        string hash = await secrets.HashAsync(device, desired, secret, cancellationToken);
        CredentialRecord lost = secret.Credential;
        Slot slot = CredentialIssuer.SlotOf(desired, OwnerOf(device), lost.Selector, lost.IsChosen, hash, lost.IssuedAt);
        await BackendOf(desired).ApplyAsync(new SlotChange(OwnerOf(device), [slot], []), cancellationToken);
        events.Warning(
            ApiGroup.MailDevices, device, Reasons.SlotMissing,
            $"MailBackend '{desired.BackendName}' had lost credential {secret.Credential.Selector}; it was put back with the same password");
    }

    private async Task<PlanOutcome> RestartAsync(
        MailDevice device, DesiredCredential desired, Change.RestartRollouts restart, PlanOutcome outcome, CancellationToken cancellationToken)
    {
        if (await restarter.RestartAsync(device, restart.Targets, restart.Secret.Credential.Selector, cancellationToken) is { } problem)
        {
            return outcome with { RestartProblem = problem };
        }

        SecretState.Owned settled = restart.Secret with { Credential = restart.Secret.Credential with { IsRestartOwed = false } };
        return outcome with { Secret = await secrets.RepairAsync(device, desired, settled, cancellationToken) };
    }

    private async Task TellAsync(MailDeviceSnapshot observed, Change.TellMailServers tell, CancellationToken cancellationToken)
    {
        try
        {
            await servers.TellAsync(Find(observed.BackendName!).Spec, tell.Mailboxes, tell.EndsSessions, cancellationToken);
        }
        catch (MailBackendException e)
        {
            throw new MailBackendException(BackendFailure.NotFollowed, e.Message, e);
        }
    }

    private IMailBackend BackendOf(DesiredCredential desired) => registry.Get(Find(desired.BackendName), desired.Mailbox);

    private IMailBackend BackendNamed(string name, MailDevice device) => registry.Get(Find(name), MailboxAddress.Normalize(device.Spec.Mailbox));

    private MailBackendSpec Spec(DesiredCredential desired) => Find(desired.BackendName).Spec;

    private MailBackend Find(string name) =>
        backends.Find(new ObjectKey("", name))
        ?? throw new MailBackendException(BackendFailure.Unavailable, $"MailBackend '{name}' has just gone.");

    private SlotOwner OwnerOf(MailDevice device) => new(identity.Instance, device.Metadata.Uid);

    private static partial class Log
    {
        [LoggerMessage(201, LogLevel.Information, "{Device}: {Change}")]
        public static partial void Applied(ILogger logger, ObjectKey device, string change);
    }
}
