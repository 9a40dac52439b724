using System.Diagnostics;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailBackends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailDevices.Verification;
using MailOperator.MailServers;

namespace MailOperator.MailDevices.Revocation;

/// <summary>Applies the changes that end a password.</summary>
internal sealed class RevocationChanges(
    DeviceBackends backends,
    CredentialRevoker revoker,
    IMailServers servers,
    LoginVerifier verifier,
    DeviceSecrets secrets)
{
    public async Task<PlanOutcome> ApplyAsync(
        MailDevice device,
        MailDeviceSnapshot observed,
        Change.OfRevocation change,
        PlanOutcome outcome,
        CancellationToken cancellationToken)
    {
        switch (change)
        {
            case Change.RemoveSlots remove:
                await ApplyAsync(
                    device, observed, new SlotChange(backends.OwnerOf(device), [], remove.Selectors),
                    cancellationToken);
                return outcome;
            case Change.RefuseSlots refuse:
                await ApplyAsync(
                    device, observed, new SlotChange(backends.OwnerOf(device), refuse.Slots, []), cancellationToken);
                return outcome;
            case Change.TellMailServers tell:
                await TellAsync(observed, tell, cancellationToken);
                return outcome with { IsSuspensionComplete = outcome.IsSuspensionComplete || tell.CompletesSuspension };
            case Change.ExpectRefusal expected:
                await verifier.ExpectRefusalAsync(
                    device, expected.Endpoint, expected.Username, expected.Left, cancellationToken);
                return outcome;
            case Change.TryEnded tried:
                return await TryEndedAsync(device, observed.Desired!, tried, outcome, cancellationToken);
            case Change.RevokeAll revoke:
                await revoker.RevokeAsync(device, revoke.IsAbandoned, cancellationToken);
                return outcome;
            case Change.RetainSlots retain:
                await revoker.RetainAsync(device, retain.IsAbandoned, cancellationToken);
                return outcome;
            default:
                throw new UnreachableException($"Nothing applies {change.GetType().Name}.");
        }
    }

    private Task ApplyAsync(
        MailDevice device, MailDeviceSnapshot observed, SlotChange change, CancellationToken cancellationToken) =>
        backends.At(observed.BackendName!, device).ApplyAsync(change, cancellationToken);

    /// <summary>
    /// A refused login ends the check, so the Secret forgets the password. Any other result is reported as a failure,
    /// but the plan continues.
    /// </summary>
    private async Task<PlanOutcome> TryEndedAsync(
        MailDevice device,
        DesiredCredential desired,
        Change.TryEnded tried,
        PlanOutcome outcome,
        CancellationToken cancellationToken)
    {
        EndedLogin? login = await verifier.TryEndedAsync(device, tried.Check, tried.Ended, cancellationToken);
        if (login is { Answer.Outcome: not LoginOutcome.Refused })
        {
            return outcome with
            {
                EndedLogin = login,
                Failure = new MailBackendException(BackendFailure.NotFollowed, login.Answer.Outcome
                    == LoginOutcome.Accepted
                    ? $"Password {tried.Ended.Selector} was removed from the store, but a login with it still works "
                        + $"({login.Answer.Message})."
                    : $"Password {tried.Ended.Selector} was removed from the store, but the operator could not check "
                        + $"that the mail server refuses it ({login.Answer.Message})."),
            };
        }

        SecretState.Owned secret = outcome.Secret as SecretState.Owned ?? tried.Secret;
        CredentialRecord record = secret.Credential with
        {
            ToBeRefused = [.. secret.Credential.ToBeRefused.Where(one => one.Selector != tried.Ended.Selector)],
        };
        return outcome with
        {
            EndedLogin = login,
            Secret = await secrets.RepairAsync(device, desired, secret with { Credential = record }, cancellationToken),
        };
    }

    private async Task TellAsync(
        MailDeviceSnapshot observed, Change.TellMailServers tell, CancellationToken cancellationToken)
    {
        try
        {
            await servers.TellAsync(
                backends.Get(observed.BackendName!).Spec, tell.Mailboxes, tell.EndsSessions, cancellationToken);
        }
        catch (MailBackendException e)
        {
            throw new MailBackendException(BackendFailure.NotFollowed, e.Message, e);
        }
    }
}
