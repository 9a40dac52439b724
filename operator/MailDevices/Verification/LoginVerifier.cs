using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailServers;
using MailOperator.Passwords;

namespace MailOperator.MailDevices.Verification;

/// <summary>Has mail servers judge passwords: a new one is to be accepted, one that was revoked is not.</summary>
/// <param name="logins">The way to the mail servers.</param>
/// <param name="secrets">Where passwords are.</param>
/// <param name="wait">How to wait.</param>
internal sealed class LoginVerifier(IMailLogins logins, DeviceSecrets secrets, Wait wait)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>A refusal takes longer than a welcome: servers slow down those who guess.</summary>
    private static readonly TimeSpan PatienceForRefusal = TimeSpan.FromSeconds(20);

    /// <summary>The server may be a little late all the same. Each refusal costs it a failed login.</summary>
    private static readonly TimeSpan[] Delays = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)];

    /// <summary>Tries a password that was pushed just now: that was done once the mail server must know it.</summary>
    public async Task<LoginAnswer> TryNewAsync(LoginCheck check, AppPassword password, CancellationToken cancellationToken)
    {
        LoginAnswer answer = await logins.TryAsync(check.Endpoint!, check.Username, password, Patience, cancellationToken);
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

    /// <summary>Tries the password that the Secret holds; patiently the first time, since it may be quite new.</summary>
    public Task<LoginAnswer> TryCommittedAsync(
        MailDevice device, LoginCheck check, SecretState.Owned secret, CancellationToken cancellationToken) =>
        secrets.WithPasswordAsync(
            device,
            secret,
            password => check.IsQuick && check.OutcomeFor(secret.Credential.Selector) is null
                ? TryNewAsync(check, password, cancellationToken)
                : logins.TryAsync(check.Endpoint!, check.Username, password, Patience, cancellationToken),
            cancellationToken);

    /// <summary>Tries a password that has ended; null if it was not this operator that sealed it.</summary>
    public async Task<EndedLogin?> TryEndedAsync(MailDevice device, LoginCheck check, SealedPassword ended, CancellationToken cancellationToken)
    {
        using AppPassword? password = secrets.Open(device, ended);
        return password is null
            ? null
            : new EndedLogin(ended, await logins.TryAsync(check.Endpoint!, check.Username, password, PatienceForRefusal, cancellationToken));
    }

    /// <summary>
    /// Completes if the mail server refuses the password of a device that was deleted or has expired, or if its Secret holds none that
    /// the operator made: others' passwords are not tried, or a Secret would be a way to guess them, and one that
    /// somebody chose may rightly open the mailbox by another way.
    /// </summary>
    public async Task ExpectRefusalAsync(
        MailDevice device, ClientEndpoint endpoint, string username, TimeSpan left, CancellationToken cancellationToken)
    {
        if (await secrets.ReadAsync(device, cancellationToken) is not SecretState.Owned { IsGenuine: true, Credential.Origin.IsChosen: false } secret)
        {
            return;
        }

        if (left > TimeSpan.Zero)
        {
            throw new MailBackendException(BackendFailure.Propagating, "The mail server may accept the password for a moment more.") { RetryAfter = left };
        }

        LoginAnswer answer = await secrets.WithPasswordAsync(
            device,
            secret,
            password => logins.TryAsync(endpoint, username, password, PatienceForRefusal, cancellationToken),
            cancellationToken);
        if (answer.Outcome != LoginOutcome.Refused)
        {
            throw new MailBackendException(BackendFailure.NotFollowed, answer.Outcome == LoginOutcome.Accepted
                ? $"The credential is gone from the store, and the login that spec.verification asks for still works ({answer.Message}). Flush the server's auth cache, and see that it reads this store."
                : $"The credential is gone from the store, and whether the mail server refuses it could not be seen ({answer.Message}).");
        }
    }
}
