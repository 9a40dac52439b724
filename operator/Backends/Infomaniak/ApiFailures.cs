using System.Net;
using System.Security.Authentication;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Backends.Infomaniak;

/// <summary>
/// What an unsuccessful answer means, and what to do about it. Only the API's error code is quoted: a description might
/// hold a generated password. <see cref="BackendFailure.Unavailable"/> means that the request may have been executed;
/// every other failure, that it was not.
/// </summary>
internal sealed class ApiFailures(InfomaniakSpec spec, RetryAfterGate gate, TimeProvider clock)
{
    private const string ObjectNotFound = "object_not_found";
    private const int MaxCodeLength = 64;

    /// <param name="request">The request.</param>
    /// <param name="response">The answer.</param>
    /// <param name="error">The error in the answer, if it is in the format of the API.</param>
    public MailBackendException Of(ApiRequest request, HttpResponseMessage response, ApiError? error)
    {
        int status = (int)response.StatusCode;
        string detail = $"(HTTP status {status}{(Code(error) is { } code ? $", {code}" : "")})";
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => Of(
                request, BackendFailure.Unauthorized,
                $"the token is not accepted {detail}; put a valid one into the key 'token' of the Secret "
                + $"'{spec.TokenSecret.Name}'"),
            HttpStatusCode.Forbidden when error?.Code == "legacy_device_deletion" => Of(
                request, BackendFailure.Rejected,
                $"it is a legacy device, which only its own user can remove {detail}"),
            HttpStatusCode.Forbidden => Of(
                request, BackendFailure.Unauthorized,
                $"the token may not do this {detail}; it needs the scope 'mail', and its user must be an administrator "
                + $"of mail service {spec.ServiceId}"),
            HttpStatusCode.NotFound when error?.Code == ObjectNotFound && request.Method == HttpMethod.Patch => Of(
                request, BackendFailure.Unavailable, $"it no longer exists {detail}; the next try makes another"),
            // A 404 from a wrong URL must not pass for a deleted object.
            HttpStatusCode.NotFound when error?.Code == ObjectNotFound => Of(
                request, BackendFailure.MailboxNotFound,
                $"mail service {spec.ServiceId} has nothing there that the token can reach {detail}; "
                + $"correct {request.Names}, or create what is missing"),
            HttpStatusCode.Conflict when error?.Code == "device_already_has_access_to_mailbox" => Of(
                request, BackendFailure.Unavailable,
                $"the device already has access {detail}; the next try makes another"),
            HttpStatusCode.Conflict when error?.Code == "device_already_exists" => Of(
                request, BackendFailure.Rejected, $"another device has that name {detail}; change spec.displayName"),
            HttpStatusCode.Conflict =>
                Of(request, BackendFailure.Unavailable, $"it conflicts with another change {detail}"),
            HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity => Of(
                request, BackendFailure.Rejected, $"it does not accept this {detail}; check {request.Names}"),
            HttpStatusCode.TooManyRequests => gate.Throttled(
                Sentence(request, $"there were too many requests {detail}"), BackendHttp.RetryAfter(response, clock)),
            HttpStatusCode.NotImplemented => Of(
                request, BackendFailure.NotEligible,
                $"the account may not use the API for devices yet {detail}; ask Infomaniak to enable it, "
                + "or make the password in its manager"),
            HttpStatusCode.ServiceUnavailable => gate.Unavailable(
                Sentence(request, $"it cannot answer now {detail}"), BackendHttp.RetryAfter(response, clock)),
            >= HttpStatusCode.InternalServerError => Of(request, BackendFailure.Unavailable, $"it failed {detail}"),
            >= HttpStatusCode.Moved and < HttpStatusCode.BadRequest => Of(
                request, BackendFailure.Unavailable,
                $"the answer is a redirect {detail}, which is not followed; correct spec.infomaniak.url"),
            _ => Of(
                request, BackendFailure.Unavailable,
                $"the answer is not from its API {detail}; correct spec.infomaniak.url"),
        };
    }

    /// <summary>A successful HTTP status whose content reports a failure.</summary>
    public MailBackendException NotDone(ApiRequest request, string? result, ApiError? error) => Of(
        request, BackendFailure.Unavailable,
        result == "asynchronous"
            ? "it is still working on it"
            : $"it answers that it failed{(Code(error) is { } code ? $" ({code})" : "")}");

    public MailBackendException NotOfTheApi(ApiRequest request, string what) => Of(
        request, BackendFailure.Unavailable, $"the answer does not match the description of its API: {what}");

    public MailBackendException Unreachable(ApiRequest request, Exception error) => error switch
    {
        OperationCanceledException =>
            Of(request, BackendFailure.Unavailable, $"no answer within {request.Timeout.TotalSeconds:0} s", error),
        HttpRequestException { InnerException: AuthenticationException tls } => Of(
            request, BackendFailure.Unavailable,
            $"no TLS connection could be made: {ServerCertificates.Words(tls).TrimEnd('.')}; correct "
            + "spec.infomaniak.caBundle or spec.infomaniak.url"),
        // The exception's message would quote the answer.
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } =>
            NotOfTheApi(request, "it is not HTTP"),
        _ => Of(
            request, BackendFailure.Unavailable,
            $"it cannot be reached: {error.GetBaseException().Message.TrimEnd('.')}", error),
    };

    public MailBackendException Of(
        ApiRequest request, BackendFailure failure, string why, Exception? innerException = null) =>
        new(failure, Sentence(request, why), innerException);

    private string Sentence(ApiRequest request, string why) =>
        $"Infomaniak{(spec.Url is { } url ? $" at {url}" : "")} did not {request.What}: {why}.";

    // Quote only what looks like one of its codes: that cannot be a password.
    private static string? Code(ApiError? error) =>
        error?.Code is { Length: > 0 and <= MaxCodeLength } code
        && code.All(static character => character is (>= 'a' and <= 'z') or '_') ? code : null;
}
