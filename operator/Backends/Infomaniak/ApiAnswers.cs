using System.Text.Json;
using System.Text.Json.Serialization;
using MailOperator.Passwords;

namespace MailOperator.Backends.Infomaniak;

/// <summary>Reads the API's JSON.</summary>
internal static class ApiAnswers
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        Converters = { new PasswordBytes() },
    };

    /// <exception cref="JsonException">It is not an answer of the API.</exception>
    public static ApiAnswer<T> Read<T>(byte[] body) =>
        JsonSerializer.Deserialize<ApiAnswer<T>>(body, Options) ?? throw new JsonException();

    /// <summary>Copies the password from bytes to bytes, so that no string of it exists.</summary>
    private sealed class PasswordBytes : JsonConverter<AppPassword>
    {
        public override AppPassword Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.String)
            {
                throw new JsonException();
            }

            byte[] buffer = new byte[reader.ValueSpan.Length];
            int length = reader.CopyString(buffer);
            byte[] bytes = buffer[..length];
            Array.Clear(buffer);
            return new AppPassword(bytes);
        }

        public override void Write(Utf8JsonWriter writer, AppPassword value, JsonSerializerOptions options) =>
            throw new NotSupportedException();
    }
}
