using System.Diagnostics;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Verification;
using MailOperator.MailServers;

namespace MailOperator.MailDevices.Revocation;

/// <summary>Applies the changes that try logins with passwords that have ended.</summary>
internal sealed class EndedLoginChanges(LoginVerifier verifier, DeviceSecrets secrets)
{
    /// <exception cref="MailBackendException">A login works that must not, or nobody knows.</exception>
    public async Task<PlanOutcome> ApplyAsync(
        MailDevice device,
        MailDeviceSnapshot observed,
        Change.OfVerification change,
        PlanOutcome outcome,
        CancellationToken cancellationToken)
    {
        switch (change)
        {
            case Change.ExpectRefusal expected:
                await verifier.ExpectRefusalAsync(
                    device, expected.Endpoint, expected.Username, expected.Left, cancellationToken);
                return outcome;
            case Change.TryEnded tried:
                return await TryEndedAsync(device, observed, tried, outcome, cancellationToken);
            default:
                throw new UnreachableException($"Nothing applies {change.GetType().Name}.");
        }
    }

    /// <summary>
    /// A refused login ends the check, so the Secret forgets the password. Any other result is reported as a failure,
    /// but the plan continues.
    /// </summary>
    private async Task<PlanOutcome> TryEndedAsync(
        MailDevice device,
        MailDeviceSnapshot observed,
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
            Secret = await secrets.RepairAsync(
                device, observed.Desired!, secret with { Credential = record }, cancellationToken),
        };
    }
}
