using System.Net;

namespace MailOperator.Kubernetes;

/// <summary>
/// The API server refused a request. Holds what it answered and never what was sent: the body of a refused
/// write of a Secret has the password in it.
/// </summary>
internal sealed class ApiException(
    HttpStatusCode statusCode,
    string reason,
    string message,
    TimeSpan? retryAfter = null,
    ApiStatusDetails? details = null)
    : Exception(message)
{
    public HttpStatusCode StatusCode { get; } = statusCode;

    /// <summary>The Status object's reason, such as "AlreadyExists"; "" where there was none.</summary>
    public string Reason { get; } = reason;

    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>
    /// The resourceVersion asked for is one that this server no longer, or not yet, knows: list again.
    /// </summary>
    public bool IsStaleVersion =>
        StatusCode == HttpStatusCode.Gone || Reason is "Expired" or "Gone" || HasCause("ResourceVersionTooLarge");

    public bool IsNotFound => StatusCode == HttpStatusCode.NotFound;

    public bool IsConflict => StatusCode == HttpStatusCode.Conflict;

    public bool IsInvalid => StatusCode == HttpStatusCode.UnprocessableEntity;

    /// <summary>The server has certainly not done what it was asked. After any other error it may have.</summary>
    public bool IsRefusal => StatusCode is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError
        and not HttpStatusCode.RequestTimeout;

    /// <summary>
    /// A JSON patch did not apply, as when one of its "test" operations does not hold. The server names no object in
    /// such an answer, as it does when it refuses a value.
    /// </summary>
    public bool IsFailedPatch => IsInvalid && details is { Kind: "", Causes: [] };

    /// <summary>The namespace is being deleted: nothing can be created in it any more.</summary>
    public bool IsNamespaceTerminating => HasCause("NamespaceTerminating");

    private bool HasCause(string cause) => details?.Causes.Contains(cause) ?? false;
}

/// <summary>The details of a Status object that decide something. Messages are for people and decide nothing.</summary>
/// <param name="Kind">The kind of the object that was refused; "" where none is named.</param>
/// <param name="Causes">The reasons of the causes, such as "NamespaceTerminating".</param>
internal sealed record ApiStatusDetails(string Kind, IReadOnlyList<string> Causes);
