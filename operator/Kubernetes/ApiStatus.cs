using System.Net;
using System.Text.Json;

namespace MailOperator.Kubernetes;

/// <summary>Reads the Status object that answers a refused request.</summary>
internal static class ApiStatus
{
    private const int MaxMessage = 1024;
    private const int MaxReason = 128;

    public static ApiException Refusal(ResourceType type, HttpMethod method, HttpResponseMessage response, string body)
    {
        TimeSpan? retryAfter = response.Headers.RetryAfter?.Delta;
        string what = $"{method.Method} of {type.Plural}";
        try
        {
            using var document = JsonDocument.Parse(body);
            return FromStatus(
                document.RootElement, what, response.StatusCode, retryAfter, MayEchoInput(type, response.StatusCode));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // half of a surrogate pair
        {
            return new ApiException(
                response.StatusCode, "", $"The API server answered {(int)response.StatusCode} to {what}.", retryAfter);
        }
    }

    /// <summary>An ERROR event of a watch.</summary>
    public static ApiException FromEvent(ResourceType type, JsonElement status)
    {
        string what = $"watch of {type.Plural}";
        try
        {
            return FromStatus(status, what, httpStatus: null, null, mayEchoInput: false);
        }
        catch (InvalidOperationException)
        {
            return new ApiException(
                HttpStatusCode.InternalServerError, "", $"The API server answered in no readable text to {what}.");
        }
    }

    // The message may quote the refused value, and a Secret's values are passwords.
    private static bool MayEchoInput(ResourceType type, HttpStatusCode code) => type == ResourceType.Secrets
        && code is HttpStatusCode.BadRequest or HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity;

    private static ApiException FromStatus(
        JsonElement status, string what, HttpStatusCode? httpStatus, TimeSpan? retryAfter, bool mayEchoInput)
    {
        // The body may be a proxy's, so its code counts only where there is no HTTP status: in an event of a watch.
        int code = httpStatus is { } known ? (int)known
            : Member(status, "code", JsonValueKind.Number) is { } number && number.TryGetInt32(out int value) ? value
            : (int)HttpStatusCode.InternalServerError;
        string message = mayEchoInput ? "not shown, because it may quote the Secret" : Text(status, "message");
        message = message.Length > MaxMessage ? message[..MaxMessage] : message;
        string reason = Text(status, "reason");
        reason = reason.Length > MaxReason ? reason[..MaxReason] : reason;
        return new ApiException(
            (HttpStatusCode)code,
            reason,
            $"The API server answered {code} {reason} to {what}: {message}",
            retryAfter,
            Member(status, "details", JsonValueKind.Object) is { } details ? Details(details) : null);
    }

    // Reasons and kinds only: the message of a cause may quote a value too.
    private static ApiStatusDetails Details(JsonElement details) => new(
        Text(details, "kind"),
        Member(details, "causes", JsonValueKind.Array) is { } causes
            ? [.. causes.EnumerateArray().Select(static cause => Text(cause, "reason"))]
            : []);

    private static string Text(JsonElement parent, string name) =>
        Member(parent, name, JsonValueKind.String)?.GetString() ?? "";

    private static JsonElement? Member(JsonElement parent, string name, JsonValueKind kind) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value)
        && value.ValueKind == kind
            ? value
            : null;
}
