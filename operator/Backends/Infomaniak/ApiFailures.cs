using System.Net;
using System.Security.Authentication;
using MailOperator.Api;

namespace MailOperator.Backends.Infomaniak;

/// <summary>
/// What an answer that is no success means, and what to do about it. Of the API's own words only its error code is
/// repeated: a description may hold what was generated. <see cref="BackendFailure.Unavailable"/> says that nobody
/// knows whether it was done; everything else, that it was not.
/// </summary>
internal sealed class ApiFailures(InfomaniakSpec spec, RetryAfterGate gate, TimeProvider clock)
{
    private const string ObjectNotFound = "object_not_found";
    private const int MaxCodeLength = 64;

    /// <param name="request">What was asked.</param>
    /// <param name="response">The answer.</param>
    /// <param name="error">The error in it, if it is one of the API's.</param>
    public MailBackendException Of(ApiRequest request, HttpResponseMessage response, ApiError? error)
    {
        int status = (int)response.StatusCode;
        string told = $"(HTTP status {status}{(Code(error) is { } code ? $", {code}" : "")})";
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => Of(
                request, BackendFailure.Unauthorized, $"the token is not accepted {told}; put one that is into the key 'token' of the Secret '{spec.TokenSecret.Name}'"),
            HttpStatusCode.Forbidden when error?.Code == "legacy_device_deletion" => Of(
                request, BackendFailure.Rejected, $"it is a device from before there were several passwords, which only its own user can remove {told}"),
            HttpStatusCode.Forbidden => Of(
                request, BackendFailure.Unauthorized,
                $"the token may not do that {told}; it needs the scope 'mail', and its user must be an administrator of mail service {spec.ServiceId}"),
            HttpStatusCode.NotFound when error?.Code == ObjectNotFound && request.Method == HttpMethod.Patch => Of(
                request, BackendFailure.Unavailable, $"it is gone {told}; the next look makes another"),
            // Above all no 404 of a wrong address may pass for what is gone.
            HttpStatusCode.NotFound when error?.Code == ObjectNotFound => Of(
                request, BackendFailure.MailboxNotFound,
                $"mail service {spec.ServiceId} has nothing there that the token can reach {told}; correct {request.Names}, or make what is missing"),
            HttpStatusCode.Conflict when error?.Code == "device_already_has_access_to_mailbox" => Of(
                request, BackendFailure.Unavailable, $"the device has access already {told}; the next try makes another"),
            HttpStatusCode.Conflict when error?.Code == "device_already_exists" => Of(
                request, BackendFailure.Rejected, $"another device has that name {told}; change spec.displayName"),
            HttpStatusCode.Conflict => Of(request, BackendFailure.Unavailable, $"something else is in its way {told}"),
            HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity => Of(
                request, BackendFailure.Rejected, $"it does not take this {told}; look at {request.Names}"),
            HttpStatusCode.TooManyRequests => gate.Throttled(Sentence(request, $"there were too many requests {told}"), BackendHttp.RetryAfter(response, clock)),
            HttpStatusCode.NotImplemented => Of(
                request, BackendFailure.NotEligible,
                $"the account is not one that may use the API for devices yet {told}; ask Infomaniak to enable it, or make the password in its manager"),
            HttpStatusCode.ServiceUnavailable => gate.Unavailable(Sentence(request, $"it cannot answer now {told}"), BackendHttp.RetryAfter(response, clock)),
            >= HttpStatusCode.InternalServerError => Of(request, BackendFailure.Unavailable, $"it failed {told}"),
            >= HttpStatusCode.Moved and < HttpStatusCode.BadRequest => Of(
                request, BackendFailure.Unavailable, $"the answer is a redirection {told}, which is not followed; correct spec.infomaniak.url"),
            _ => Of(request, BackendFailure.Unavailable, $"the answer is none of its API {told}; correct spec.infomaniak.url"),
        };
    }

    /// <summary>A success that says something else.</summary>
    public MailBackendException NotDone(ApiRequest request, string? result, ApiError? error) => Of(
        request, BackendFailure.Unavailable,
        result == "asynchronous" ? "it is still at it" : $"it answers that it failed{(Code(error) is { } code ? $" ({code})" : "")}");

    public MailBackendException NotOfTheApi(ApiRequest request, string what) => Of(
        request, BackendFailure.Unavailable, $"the answer is not as its API is described: {what}");

    public MailBackendException Unreachable(ApiRequest request, Exception error) => error switch
    {
        OperationCanceledException => Of(request, BackendFailure.Unavailable, $"no answer within {request.Timeout.TotalSeconds:0} s", error),
        HttpRequestException { InnerException: AuthenticationException tls } => Of(
            request, BackendFailure.Unavailable, $"no TLS connection comes about: {tls.Message.TrimEnd('.')}; correct spec.infomaniak.caBundle or spec.infomaniak.url"),
        // The message would quote what could not be read.
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } => NotOfTheApi(request, "it is no HTTP"),
        _ => Of(request, BackendFailure.Unavailable, $"it cannot be reached: {error.GetBaseException().Message.TrimEnd('.')}", error),
    };

    public MailBackendException Of(ApiRequest request, BackendFailure failure, string why, Exception? innerException = null) =>
        new(failure, Sentence(request, why), innerException);

    private string Sentence(ApiRequest request, string why) =>
        $"Infomaniak{(spec.Url is { } url ? $" at {url}" : "")} did not {request.What}: {why}.";

    // What is written like one of its codes can be no password.
    private static string? Code(ApiError? error) =>
        error?.Code is { Length: > 0 and <= MaxCodeLength } code && code.All(static character => character is (>= 'a' and <= 'z') or '_') ? code : null;
}
