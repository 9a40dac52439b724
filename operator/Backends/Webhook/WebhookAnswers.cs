using System.Net;
using System.Security.Authentication;
using System.Text.Json;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Backends.Webhook;

/// <summary>What an unsuccessful answer means, and what to do about it.</summary>
/// <param name="spec">The server.</param>
/// <param name="gate">Closed while its Retry-After applies.</param>
/// <param name="token">Removed from what is quoted.</param>
/// <param name="clock">The time.</param>
internal sealed class WebhookAnswers(WebhookSpec spec, RetryAfterGate gate, string? token, TimeProvider clock)
{
    /// <param name="response">The answer.</param>
    /// <param name="body">Its content.</param>
    /// <param name="slots">The slots of the request; empty if it had none.</param>
    public MailBackendException Failure(
        HttpResponseMessage response, byte[] body, IReadOnlyCollection<WebhookSlot> slots)
    {
        WebhookProblem problem = ProblemIn(response, body);
        string mailbox = slots.FirstOrDefault()?.Mailbox ?? "the mailbox";
        int status = (int)response.StatusCode;
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => Failure(
                BackendFailure.Unauthorized,
                $"it does not let the operator in (HTTP status {status}); "
                + "correct the Secret that spec.webhook.authSecret names, or the rights there."),
            HttpStatusCode.NotFound when problem.Type == WebhookProblem.MailboxNotFound => Failure(
                BackendFailure.MailboxNotFound,
                $"it has no mailbox {mailbox}{Detail(problem, slots)}; create the mailbox there, "
                + "or correct spec.mailbox."),
            HttpStatusCode.Conflict => Failure(
                BackendFailure.Unavailable, $"a selector of {mailbox} is taken there; the next try uses another."),
            HttpStatusCode.UnprocessableEntity when problem.Type == WebhookProblem.TooManyChosen =>
                ChosenPasswords.NoPlace(mailbox),
            HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge =>
                Failure(
                    BackendFailure.Rejected,
                    $"it does not accept this (HTTP status {status}){Detail(problem, slots)}."),
            HttpStatusCode.TooManyRequests => gate.Throttled(
                Sentence("it got too many requests (HTTP status 429)."), BackendHttp.RetryAfter(response, clock)),
            HttpStatusCode.ServiceUnavailable => gate.Unavailable(
                Sentence("it says that it cannot answer now (HTTP status 503)."),
                BackendHttp.RetryAfter(response, clock)),
            >= HttpStatusCode.Moved and < HttpStatusCode.BadRequest => Failure(
                BackendFailure.Unavailable,
                $"it answers with a redirect (HTTP status {status}), which is not followed; "
                + "set spec.webhook.url to where it leads."),
            >= HttpStatusCode.InternalServerError =>
                Failure(BackendFailure.Unavailable, $"it failed (HTTP status {status}); see its log."),
            // A 404 from a wrong URL must not pass for an owner without slots.
            _ => Failure(
                BackendFailure.Unavailable,
                $"it answers with HTTP status {status}, which version 1 of the contract does not allow here; "
                + "is spec.webhook.url right?"),
        };
    }

    public MailBackendException NotOfTheContract(string what) => Failure(
        BackendFailure.Unavailable, $"its answer does not match version 1 of the contract: {what}.");

    public MailBackendException Unreachable(Exception error)
    {
        Exception cause = error.GetBaseException();
        return error switch
        {
            OperationCanceledException =>
                Failure(BackendFailure.Unavailable, $"no answer within {WebhookClient.CallTimeout.TotalSeconds} s."),
            _ when Has<AuthenticationException>(error) => Failure(
                BackendFailure.Unauthorized,
                $"no TLS connection could be made: {Words(cause)} "
                + "Correct spec.webhook.caBundle, spec.webhook.url or the client certificate."),
            // With TLS 1.3 a server refuses a client's certificate only after the handshake.
            _ when IsCertificateAlert(cause) => Failure(
                BackendFailure.Unauthorized,
                "it does not accept the operator's certificate; "
                + "correct tls.crt and tls.key in the Secret that spec.webhook.authSecret names."),
            // The connection may be gone before that reason is read.
            IOException or { InnerException: IOException } when IsHttps => Failure(
                BackendFailure.Unavailable,
                $"it hung up: {cause.Message}. If it asks for a certificate, "
                + "see that it accepts the one in the Secret that spec.webhook.authSecret names."),
            _ => Failure(BackendFailure.Unavailable, $"it cannot be reached: {cause.Message}"),
        };
    }

    private bool IsHttps => spec.Url.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

    // .NET tells a TLS alert only by OpenSSL's text. If that ever changes, the failure reads "it hung up".
    private static bool IsCertificateAlert(Exception cause) =>
        cause.Message.Contains("alert", StringComparison.OrdinalIgnoreCase)
        && cause.Message.Contains("certificate", StringComparison.OrdinalIgnoreCase);

    private static string Words(Exception cause) =>
        cause is AuthenticationException tls ? ServerCertificates.Words(tls) : cause.Message;

    private MailBackendException Failure(BackendFailure failure, string what) => new(failure, Sentence(what));

    private string Sentence(string what) => $"Webhook at {spec.Url}: {what}";

    private string Detail(WebhookProblem problem, IReadOnlyCollection<WebhookSlot> slots)
    {
        string[] secrets =
            [.. slots.Select(static slot => slot.Hash), .. token is null ? Array.Empty<string>() : [token]];
        return string.IsNullOrWhiteSpace(problem.Detail)
            ? ""
            : $": {ServerText.Quote(problem.Detail, secrets, "a secret")}";
    }

    private static WebhookProblem ProblemIn(HttpResponseMessage response, byte[] body)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
        {
            return new WebhookProblem();
        }

        try
        {
            return ApiJson.Deserialize<WebhookProblem>(body) ?? new WebhookProblem();
        }
        catch (JsonException)
        {
            return new WebhookProblem();
        }
    }

    private static bool Has<TException>(Exception? error) where TException : Exception =>
        error is not null && (error is TException || Has<TException>(error.InnerException));
}
