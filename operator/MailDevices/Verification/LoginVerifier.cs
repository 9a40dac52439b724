using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailServers;
using MailOperator.Passwords;

namespace MailOperator.MailDevices.Verification;

/// <summary>Tries passwords at mail servers: a new one must be accepted, a revoked one refused.</summary>
/// <param name="logins">Logs in at mail servers.</param>
/// <param name="secrets">Reads the passwords.</param>
/// <param name="wait">Waits between tries.</param>
internal sealed class LoginVerifier(IMailLogins logins, DeviceSecrets secrets, Wait wait)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Servers delay the answer to a wrong password, to slow down guessing.</summary>
    private static readonly TimeSpan PatienceForRefusal = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Waits before further tries: the server may know a new password a little late. Few, because each refusal is a
    /// failed login there.
    /// </summary>
    private static readonly TimeSpan[] Delays = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)];

    /// <summary>Tries a password that the backend has just accepted, when the mail server must know it.</summary>
    public async Task<LoginAnswer> TryNewAsync(
        LoginCheck check, AppPassword password, CancellationToken cancellationToken)
    {
        LoginAnswer answer = await logins.TryAsync(
            check.Endpoint!, check.Username, password, Patience, cancellationToken);
        foreach (TimeSpan delay in Delays)
        {
            if (answer.Outcome != LoginOutcome.Refused)
            {
                break;
            }

            await wait(delay, cancellationToken);
            answer = await logins.TryAsync(check.Endpoint!, check.Username, password, Patience, cancellationToken);
        }

        return answer;
    }

    /// <summary>Tries the password in the Secret. The first try is repeated, because the password may be new.</summary>
    public Task<LoginAnswer> TryCommittedAsync(
        MailDevice device, LoginCheck check, SecretState.Owned secret, CancellationToken cancellationToken) =>
        secrets.WithPasswordAsync(
            device,
            secret,
            password => check.IsQuick && check.OutcomeFor(secret.Credential.Selector) is null
                ? TryNewAsync(check, password, cancellationToken)
                : logins.TryAsync(check.Endpoint!, check.Username, password, Patience, cancellationToken),
            cancellationToken);

    /// <summary>Tries a password that has ended; null if this operator did not seal it.</summary>
    public async Task<EndedLogin?> TryEndedAsync(
        MailDevice device, LoginCheck check, SealedPassword ended, CancellationToken cancellationToken)
    {
        using AppPassword? password = secrets.Open(device, ended);
        if (password is null)
        {
            return null;
        }

        LoginAnswer answer = await logins.TryAsync(
            check.Endpoint!, check.Username, password, PatienceForRefusal, cancellationToken);
        return new EndedLogin(ended, answer);
    }

    /// <summary>
    /// Completes when the mail server refuses the password of a device that was deleted or has expired. Skipped for
    /// passwords that the operator did not issue: trying a foreign one would turn a Secret into a guessing oracle,
    /// and a chosen one may be valid elsewhere.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="endpoint">The mail server.</param>
    /// <param name="username">The user name to log in with.</param>
    /// <param name="left">How much longer the mail server may accept the password.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    /// <exception cref="MailBackendException">It is too early, or the login was not refused.</exception>
    public async Task ExpectRefusalAsync(
        MailDevice device, ClientEndpoint endpoint, string username, TimeSpan left, CancellationToken cancellationToken)
    {
        SecretState found = await secrets.ReadAsync(device, cancellationToken);
        if (found is not SecretState.Owned { IsGenuine: true, Credential.Origin.IsChosen: false } secret)
        {
            return;
        }

        if (left > TimeSpan.Zero)
        {
            throw new MailBackendException(
                BackendFailure.Propagating, "The mail server may still accept the password for a moment.")
            { RetryAfter = left };
        }

        LoginAnswer answer = await secrets.WithPasswordAsync(
            device,
            secret,
            password => logins.TryAsync(endpoint, username, password, PatienceForRefusal, cancellationToken),
            cancellationToken);
        if (answer.Outcome != LoginOutcome.Refused)
        {
            throw new MailBackendException(BackendFailure.NotFollowed, answer.Outcome == LoginOutcome.Accepted
                ? $"The credential is gone from the backend, but a login with it still works ({answer.Message}). "
                    + "Flush the server's auth cache, and check that it reads this backend."
                : "The credential is gone from the backend, but it is not known whether a login with it still works "
                    + $"({answer.Message}).");
        }
    }
}
