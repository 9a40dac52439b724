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

/// <summary>Applies the changes that give a device a password or maintain it, and emits their events.</summary>
internal sealed class CredentialChanges(
    CredentialIssuer issuer,
    ClaimedPasswordIssuer claimedIssuer,
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
                (SecretState.Owned issued, LoginAnswer? login) = await IssueAsync(
                    device, observed, issue, cancellationToken);
                return outcome with { Secret = issued, Login = login };
            case Change.CommitClaimedHash commit:
                return outcome with { Secret = await CommitAsync(device, observed, commit, cancellationToken) };
            case Change.RestoreSlot restore:
                await RestoreAsync(device, desired, restore.Secret, cancellationToken);
                return outcome;
            case Change.MarkRotationHandled mark:
                return outcome with
                {
                    Secret = await MarkHandledAsync(device, desired, mark.Secret, cancellationToken),
                };
            default:
                throw new UnreachableException($"Nothing applies {change.GetType().Name}.");
        }
    }

    private async Task<(SecretState.Owned Secret, LoginAnswer? Login)> IssueAsync(
        MailDevice device,
        MailDeviceSnapshot observed,
        Change.IssueCredential issue,
        CancellationToken cancellationToken)
    {
        DesiredCredential desired = observed.Desired!;
        if (issue.IsUnasked)
        {
            backends.TakeUnasked(device, desired.BackendName, issue.IsScheduled);
        }

        (SecretState.Owned written, LoginAnswer? login) = await issuer.IssueAsync(
            device, observed, issue, BackendOf(desired), backends.OwnerOf(device), cancellationToken);
        if (issue.IsUnasked && !issue.IsScheduled)
        {
            backends.CountReplacement(device);
        }

        Announce(device, desired, issue, written);
        return (written, login);
    }

    private void Announce(
        MailDevice device, DesiredCredential desired, Change.IssueCredential issue, SecretState.Owned written)
    {
        string message =
            $"Password {written.Credential.Selector} of {desired.Access.Username} is in Secret '{written.Name}'";
        switch (issue.Reason)
        {
            case Reasons.SecretTampered:
                Warn($"Somebody else changed the Secret. Its content was replaced: {message}");
                break;
            case Reasons.SlotMissing:
                Warn(
                    $"Credential {issue.Overwrites!.Credential.Selector} is no longer listed by MailBackend "
                    + $"'{desired.BackendName}'; {message}. "
                    + "If it was only renamed there it still works: delete it there");
                break;
            case Reasons.SecretDeleted:
                string overlap = written.Credential.Retiring.IsEmpty
                    ? ""
                    : "; the previous one works until its overlap ends";
                Warn($"The Secret was deleted. {message}{overlap}");
                break;
            case Reasons.Revoked:
                Inform($"{message}; every earlier one ends now");
                break;
            case Reasons.Rotating:
                Inform($"{message}; the previous one works for another {Durations.Format(desired.Lifetime.Overlap)}");
                break;
            default:
                Inform(message);
                break;
        }

        void Inform(string text) => events.Normal(ApiGroup.MailDevices, device, issue.Reason, text);
        void Warn(string text) => events.Warning(ApiGroup.MailDevices, device, issue.Reason, text);
    }

    private async Task<SecretState> CommitAsync(
        MailDevice device,
        MailDeviceSnapshot observed,
        Change.CommitClaimedHash commit,
        CancellationToken cancellationToken)
    {
        DesiredCredential desired = observed.Desired!;
        SecretState written = await claimedIssuer.CommitAsync(
            device, observed, commit, BackendOf(desired), backends.OwnerOf(device), cancellationToken);
        string message = $"Secret '{desired.Secret.Name}' contains the hash of password {commit.Hash.Selector} "
            + $"of {desired.Access.Username}, which a person has claimed";
        if (commit.Reason == Reasons.Issued)
        {
            events.Normal(ApiGroup.MailDevices, device, commit.Reason, message);
        }
        else
        {
            string cause = commit.Overwrites is null ? "The Secret was deleted" : "Somebody else changed the Secret";
            events.Warning(ApiGroup.MailDevices, device, commit.Reason, $"{cause}. It was restored: {message}");
        }

        return written;
    }

    private async Task<SecretState> MarkHandledAsync(
        MailDevice device, DesiredCredential desired, SecretState.Owned secret, CancellationToken cancellationToken)
    {
        await freshness.ThrowIfStaleAsync(device, cancellationToken);
        SecretState written = await secrets.RepairAsync(device, desired, secret, cancellationToken);
        events.Warning(
            ApiGroup.MailDevices, device, Reasons.PasswordUnchanged,
            $"The password was not rotated, because key '{desired.Source!.Key}' of Secret '{desired.Source.Name}' "
            + "has not changed; change it there");
        return written;
    }

    private async Task RestoreAsync(
        MailDevice device, DesiredCredential desired, SecretState.Owned secret, CancellationToken cancellationToken)
    {
        string hash = await secrets.HashAsync(device, desired, secret, cancellationToken);
        CredentialRecord lost = secret.Credential;
        Slot slot = CredentialIssuer.SlotOf(
            desired, backends.OwnerOf(device), lost.Selector, lost.Origin.IsChosen, hash, lost.IssuedAt);
        await BackendOf(desired).ApplyAsync(new SlotChange(backends.OwnerOf(device), [slot], []), cancellationToken);
        events.Warning(
            ApiGroup.MailDevices, device, Reasons.SlotMissing,
            $"MailBackend '{desired.BackendName}' had lost credential {secret.Credential.Selector}; "
            + "it was restored with the same password");
    }

    private IMailBackend BackendOf(DesiredCredential desired) =>
        backends.At(desired.BackendName, desired.Access.Mailbox);
}
