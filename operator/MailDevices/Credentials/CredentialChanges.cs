using System.Diagnostics;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailServers;

namespace MailOperator.MailDevices.Credentials;

/// <summary>Carries out the changes that give a device a password or keep the one that it has, and tells of them.</summary>
internal sealed class CredentialChanges(
    CredentialIssuer issuer,
    ClaimedPasswordIssuer keeper,
    DeviceSecrets secrets,
    DeviceFreshness freshness,
    DeviceBackends backends,
    EventRecorder events)
{
    public async Task<PlanOutcome> ApplyAsync(
        MailDevice device,
        MailDeviceSnapshot observed,
        Change.OfCredential change,
        PlanOutcome outcome,
        CancellationToken cancellationToken)
    {
        DesiredCredential desired = observed.Desired!;
        switch (change)
        {
            case Change.ConfirmTokens:
                await freshness.ThrowIfStaleAsync(device, cancellationToken);
                return outcome;
            case Change.IssueCredential issue:
                (SecretState.Owned issued, LoginAnswer? login) = await IssueAsync(device, observed, issue, cancellationToken);
                return outcome with { Secret = issued, Login = login };
            case Change.CommitClaimedHash commit:
                return outcome with { Secret = await CommitAsync(device, observed, commit, cancellationToken) };
            case Change.RestoreSlot restore:
                await RestoreAsync(device, desired, restore.Secret, cancellationToken);
                return outcome;
            case Change.AnswerUnchanged answer:
                return outcome with { Secret = await AnswerAsync(device, desired, answer.Secret, cancellationToken) };
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
            backends.CountUnasked(desired.BackendName);
        }

        (SecretState.Owned written, LoginAnswer? login) = await issuer.IssueAsync(
            device, observed, issue, BackendOf(desired), backends.OwnerOf(device), cancellationToken);
        string message = $"Password {written.Credential.Selector} of {desired.Access.Username} is in Secret '{written.Name}'";
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
                string overlap =
                    written.Credential.Retiring.IsEmpty ? "" : ", the one before works until its overlap ends";
                events.Warning(
                    ApiGroup.MailDevices, device, issue.Reason, $"The Secret was gone; {message}{overlap}");
                break;
            case Reasons.Revoked:
                events.Normal(ApiGroup.MailDevices, device, issue.Reason, $"{message}; every earlier one ends now");
                break;
            case Reasons.Rotating:
                events.Normal(ApiGroup.MailDevices, device, issue.Reason, $"{message}; the one before works for another {Durations.Format(desired.Lifetime.Overlap)}");
                break;
            default:
                events.Normal(ApiGroup.MailDevices, device, issue.Reason, message);
                break;
        }

        return (written, login);
    }

    private async Task<SecretState> CommitAsync(
        MailDevice device, MailDeviceSnapshot observed, Change.CommitClaimedHash commit, CancellationToken cancellationToken)
    {
        DesiredCredential desired = observed.Desired!;
        SecretState written = await keeper.KeepAsync(device, observed, commit, BackendOf(desired), backends.OwnerOf(device), cancellationToken);
        string message = $"Secret '{desired.Secret.Name}' keeps the hash of password {commit.Hash.Selector} of {desired.Access.Username}, which a person holds";
        if (commit.Reason == Reasons.Issued)
        {
            events.Normal(ApiGroup.MailDevices, device, commit.Reason, message);
        }
        else
        {
            events.Warning(ApiGroup.MailDevices, device, commit.Reason, $"The Secret was {(commit.Over is null ? "gone" : "changed by another")}; {message} as before");
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
        Slot slot = CredentialIssuer.SlotOf(desired, backends.OwnerOf(device), lost.Selector, lost.Origin.IsChosen, hash, lost.IssuedAt);
        await BackendOf(desired).ApplyAsync(new SlotChange(backends.OwnerOf(device), [slot], []), cancellationToken);
        events.Warning(
            ApiGroup.MailDevices, device, Reasons.SlotMissing,
            $"MailBackend '{desired.BackendName}' had lost credential {secret.Credential.Selector}; it was put back with the same password");
    }

    private IMailBackend BackendOf(DesiredCredential desired) => backends.At(desired.BackendName, desired.Access.Mailbox);
}
