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

/// <summary>Carries out the changes that end a password.</summary>
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
                await ApplyAsync(device, observed, new SlotChange(backends.OwnerOf(device), [], remove.Selectors), cancellationToken);
                return outcome;
            case Change.RefuseSlots refuse:
                await ApplyAsync(device, observed, new SlotChange(backends.OwnerOf(device), refuse.Slots, []), cancellationToken);
                return outcome;
            case Change.TellMailServers tell:
                await TellAsync(observed, tell, cancellationToken);
                return outcome with { IsSuspensionComplete = outcome.IsSuspensionComplete || tell.CompletesSuspension };
            case Change.ExpectRefusal expected:
                await verifier.ExpectRefusalAsync(device, expected.Endpoint, expected.Username, expected.Left, cancellationToken);
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
                throw new UnreachableException($"No way is known to apply {change.GetType().Name}.");
        }
    }

    private Task ApplyAsync(
        MailDevice device, MailDeviceSnapshot observed, SlotChange change, CancellationToken cancellationToken) =>
        backends.At(observed.BackendName!, device).ApplyAsync(change, cancellationToken);

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
                    ? $"Password {tried.Ended.Selector} is gone from the store, and a login with it still works ({login.Answer.Message})."
                    : $"Password {tried.Ended.Selector} is gone from the store, and whether the mail server refuses it could not be seen ({login.Answer.Message})."),
            };
        }

        SecretState.Owned secret = outcome.Secret as SecretState.Owned ?? tried.Secret;
        CredentialRecord settled = secret.Credential with { ToBeRefused = [.. secret.Credential.ToBeRefused.Where(one => one.Selector != tried.Ended.Selector)] };
        return outcome with
        {
            EndedLogin = login,
            Secret = await secrets.RepairAsync(device, desired, secret with { Credential = settled }, cancellationToken),
        };
    }

    private async Task TellAsync(MailDeviceSnapshot observed, Change.TellMailServers tell, CancellationToken cancellationToken)
    {
        try
        {
            await servers.TellAsync(backends.Get(observed.BackendName!).Spec, tell.Mailboxes, tell.EndsSessions, cancellationToken);
        }
        catch (MailBackendException e)
        {
            throw new MailBackendException(BackendFailure.NotFollowed, e.Message, e);
        }
    }
}
