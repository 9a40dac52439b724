using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailServers;

namespace MailOperator.MailDevices.Verification;

/// <summary>
/// Of a device whose MailBackend has <c>spec.verification: Login</c>: where its password is tried, and what is known of
/// that. Pure.
/// </summary>
internal sealed record LoginCheck
{
    /// <summary>Backends that take longer have their passwords tried after the Secret was written.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);

    /// <summary>When a login that failed, or told nothing, is tried again.</summary>
    public static readonly TimeSpan Recheck = TimeSpan.FromMinutes(5);

    /// <summary>Where; null together with an <see cref="Obstacle"/>.</summary>
    public ClientEndpoint? Endpoint { get; init; }

    /// <summary>Why no login is tried: a refusal would tell nothing. A clause.</summary>
    public string? Obstacle { get; init; }

    /// <summary>What a client types in.</summary>
    public required string Username { get; init; }

    /// <summary>How long the mail server may take to hear of a change of the backend.</summary>
    public required TimeSpan PropagationDelay { get; init; }

    /// <summary>What the mail server last said, if it did.</summary>
    public LoginAnswer? Answer { get; init; }

    /// <summary>The credential that it said it of.</summary>
    public string AnswerIsFor { get; init; } = "";

    /// <summary>The answer is of this very pass.</summary>
    public bool IsFresh { get; init; }

    public bool IsQuick => PropagationDelay <= MaxWait;

    /// <summary>The check for a device; null where its backend asks for none.</summary>
    public static LoginCheck? For(DesiredCredential desired, MailBackendSpec backend, IMailBackend store, MailDeviceStatus? reported)
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
        string? obstacle = desired.Password is DesiredPassword.Claimed ? "a person holds the password"
            : desired.Access.Restrictions.IsSuspended ? "the device or its user is suspended"
            : !desired.Access.Restrictions.AllowedNetworks.IsEmpty ? "spec.allowedNetworks may leave the operator out"
            : endpoint is null or { Protocol: MailProtocol.SMTP } && !desired.Access.Restrictions.MaySend ? "its user may not send, and SMTP is the only protocol left"
            : null;
        return new LoginCheck
        {
            Endpoint = obstacle is null ? endpoint : null,
            Obstacle = obstacle,
            Username = desired.Access.Username,
            PropagationDelay = store.PropagationDelay,
            Answer = Reported(reported),
            AnswerIsFor = reported?.Credentials?.FirstOrDefault(static one => one.State == CredentialState.Current)?.Id ?? "",
        };
    }

    /// <summary>What the mail server said of this credential.</summary>
    public LoginAnswer? AnswerFor(string selector) => AnswerIsFor == selector ? Answer : null;

    /// <summary>Whether the password in the Secret is to be tried now. A refusal may have been mended since.</summary>
    public bool IsDue(SecretState.Owned secret, DateTimeOffset now) =>
        Endpoint is not null
        && !(IsFresh && AnswerIsFor == secret.Credential.Selector)
        && AnswerFor(secret.Credential.Selector) is not { Outcome: LoginOutcome.Accepted }
        && (IsQuick || KnownAt(secret) <= now);

    /// <summary>The check with what another round of the same pass learned, if it has.</summary>
    public LoginCheck After(LoginCheck? tried) =>
        tried is null ? this : this with { Answer = tried.Answer, AnswerIsFor = tried.AnswerIsFor, IsFresh = true };

    /// <summary>When time alone calls for the next try.</summary>
    public DateTimeOffset? NextTry(SecretState.Owned secret, DateTimeOffset now) =>
        Endpoint is null || AnswerFor(secret.Credential.Selector) is { Outcome: LoginOutcome.Accepted } ? null
            : !IsQuick && KnownAt(secret) > now ? KnownAt(secret)
            : now + Recheck;

    /// <summary>How much longer the mail server may accept what was revoked at that time.</summary>
    public TimeSpan TimeToRefusal(DateTimeOffset revokedAt, DateTimeOffset now) => Propagation.Left(revokedAt, PropagationDelay, now);

    private DateTimeOffset KnownAt(SecretState.Owned secret) => Propagation.EndsAt(secret.Credential.IssuedAt, PropagationDelay);

    // Status and condition are written together, so the condition is about the credential that the status calls current.
    private static LoginAnswer? Reported(MailDeviceStatus? status) =>
        StatusConditions.Find(status?.Conditions ?? [], ConditionTypes.Verified) is not { } condition ? null
            : (condition.Status, condition.Reason) switch
            {
                ("True", _) => new LoginAnswer(LoginOutcome.Accepted, condition.Message),
                ("False", _) => new LoginAnswer(LoginOutcome.Refused, condition.Message),
                (_, Reasons.MailServerUnreachable) => new LoginAnswer(LoginOutcome.Unclear, condition.Message),
                _ => null,
            };
}
