using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailServers;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Verification;

/// <summary>
/// The login check of a device whose MailBackend has <c>spec.verification: Login</c>: where its password is tried, and
/// what earlier tries have shown. Pure.
/// </summary>
internal sealed record LoginCheck
{
    /// <summary>With a longer propagation delay, a password is tried only after its Secret is written.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);

    /// <summary>Time until the next try after a login that was refused or unclear.</summary>
    public static readonly TimeSpan Recheck = TimeSpan.FromMinutes(5);

    /// <summary>The mail server to log in to; null if and only if there is an <see cref="Obstacle"/>.</summary>
    public ClientEndpoint? Endpoint { get; init; }

    /// <summary>Why no login is tried, as a clause: a refusal would prove nothing.</summary>
    public string? Obstacle { get; init; }

    /// <summary>The user name to log in with.</summary>
    public required string Username { get; init; }

    /// <summary>How long after a change of the backend the mail server may still not know it.</summary>
    public required TimeSpan PropagationDelay { get; init; }

    /// <summary>The answer of the mail server in this pass; null if no login was tried in it.</summary>
    public LoginAnswer? Answer { get; init; }

    /// <summary>The outcome of the last login of an earlier pass, from the status; null if there is none.</summary>
    public LoginOutcome? Reported { get; init; }

    /// <summary>Selector of the credential that was tried.</summary>
    public string AnswerIsFor { get; init; } = "";

    /// <summary>Whether a new password can be tried before its Secret is written.</summary>
    public bool IsQuick => PropagationDelay <= MaxWait;

    /// <summary>The check for a device; null if its backend does not verify passwords.</summary>
    public static LoginCheck? For(
        DesiredCredential desired, MailBackendSpec backend, IMailBackend store, MailDeviceStatus? reported)
    {
        if (backend.Verification != LoginVerification.Login)
        {
            return null;
        }

        ClientEndpoint? endpoint = desired.Secret.Endpoints.OrderBy(static one => one.Protocol switch
        {
            MailProtocol.IMAP => 0,
            MailProtocol.POP3 => 1,
            _ => 2,
        }).FirstOrDefault();
        string? obstacle = ObstacleOf(desired, endpoint);
        return new LoginCheck
        {
            Endpoint = obstacle is null ? endpoint : null,
            Obstacle = obstacle,
            Username = desired.Access.Username,
            PropagationDelay = store.PropagationDelay,
            Reported = OutcomeIn(reported),
            AnswerIsFor = reported?.Credentials
                ?.FirstOrDefault(static one => one.State == CredentialState.Current)?.Id ?? "",
        };
    }

    /// <summary>The last known outcome of a login with this credential; null if none is known.</summary>
    public LoginOutcome? OutcomeFor(string selector) => AnswerIsFor == selector ? Answer?.Outcome ?? Reported : null;

    /// <summary>The answer of this pass to a login with this credential; null if there is none.</summary>
    public LoginAnswer? AnswerFor(string selector) => AnswerIsFor == selector ? Answer : null;

    /// <summary>
    /// Whether to try the password in the Secret now. One that was refused is tried again in a later pass, because the
    /// cause may be gone.
    /// </summary>
    public bool IsDue(SecretState.Owned secret, DateTimeOffset now) =>
        Endpoint is not null
        && AnswerFor(secret.Credential.Selector) is null
        && OutcomeFor(secret.Credential.Selector) is not LoginOutcome.Accepted
        && (IsQuick || KnownAt(secret) <= now);

    /// <summary>The check with the answer of an earlier round of the same pass, if there is one.</summary>
    public LoginCheck After(LoginCheck? tried) =>
        tried is null ? this : this with { Answer = tried.Answer, AnswerIsFor = tried.AnswerIsFor };

    /// <summary>When to try the password in the Secret next; null if no time calls for it.</summary>
    public DateTimeOffset? NextTry(SecretState.Owned secret, DateTimeOffset now) =>
        Endpoint is null || OutcomeFor(secret.Credential.Selector) is LoginOutcome.Accepted ? null
            : !IsQuick && KnownAt(secret) > now ? KnownAt(secret)
            : now + Recheck;

    /// <summary>How much longer the mail server may accept a password that was revoked at that time.</summary>
    public TimeSpan TimeToRefusal(DateTimeOffset revokedAt, DateTimeOffset now) =>
        Propagation.Left(revokedAt, PropagationDelay, now);

    private DateTimeOffset KnownAt(SecretState.Owned secret) =>
        Propagation.EndsAt(secret.Credential.IssuedAt, PropagationDelay);

    private static string? ObstacleOf(DesiredCredential desired, ClientEndpoint? endpoint) =>
        desired.Password is DesiredPassword.Claimed ? "a person claimed the password, and only they know it"
            : desired.Access.Restrictions.IsSuspended ? "the device or its user is suspended"
            : !desired.Access.Restrictions.AllowedNetworks.IsEmpty ? "spec.allowedNetworks may leave the operator out"
            : endpoint is null or { Protocol: MailProtocol.SMTP } && !desired.Access.Restrictions.MaySend
                ? "its user may not send, and SMTP is the only protocol left"
            : null;

    // Condition and credentials are written together, so the condition is about the credential that is current there.
    private static LoginOutcome? OutcomeIn(MailDeviceStatus? status) =>
        StatusConditions.Find(status?.Conditions ?? [], ConditionTypes.Verified) switch
        {
            var condition when condition.IsTrue() => LoginOutcome.Accepted,
            var condition when condition.IsFalse() => LoginOutcome.Refused,
            { Reason: Reasons.MailServerUnreachable } => LoginOutcome.Unclear,
            _ => null,
        };
}
