using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MailOperator.Backends.Infomaniak;

/// <summary>Reads the API's JSON.</summary>
internal static class ApiAnswers
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        TypeInfoResolver = ApiAnswerTypes.Default,
    };

    /// <exception cref="JsonException">It is not an answer of the API.</exception>
    public static ApiAnswer<T> Read<T>(byte[] body) =>
        JsonSerializer.Deserialize(body, (JsonTypeInfo<ApiAnswer<T>>)Options.GetTypeInfo(typeof(ApiAnswer<T>)))
        ?? throw new JsonException();
}
