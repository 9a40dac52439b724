using System.Net;

namespace MailOperator.Kubernetes;

/// <summary>
/// The API server refused a request. Holds what it answered and never what was sent: the body of a refused
/// write of a Secret has the password in it.
/// </summary>
internal sealed class ApiException(
    HttpStatusCode statusCode, string reason, string message, TimeSpan? retryAfter = null, bool isStaleVersion = false)
    : Exception(message)
{
    public HttpStatusCode StatusCode { get; } = statusCode;

    /// <summary>The Status object's reason, such as "AlreadyExists"; "" where there was none.</summary>
    public string Reason { get; } = reason;

    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>The resourceVersion asked for is one that this server no longer, or not yet, knows: list again.</summary>
    public bool IsStaleVersion { get; } = isStaleVersion;

    public bool IsNotFound => StatusCode == HttpStatusCode.NotFound;

    public bool IsConflict => StatusCode == HttpStatusCode.Conflict;

    /// <summary>A "test" of a JSON patch that did not hold is answered as 422 with this shape.</summary>
    public bool IsInvalid => StatusCode == HttpStatusCode.UnprocessableEntity;

    /// <summary>The namespace is going: whatever should be made in it never will.</summary>
    public bool IsNamespaceTerminating =>
        StatusCode == HttpStatusCode.Forbidden && Message.Contains("being terminated", StringComparison.Ordinal);
}
