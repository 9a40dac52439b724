using System.Text.Json;
using System.Text.Json.Serialization;
using MailOperator.Passwords;

namespace MailOperator.Backends.Infomaniak;

/// <summary>The only answer that holds a password. Not a record, which would print it.</summary>
[JsonConverter(typeof(Reader))]
internal sealed class GeneratedPassword
{
    public required AppPassword Password { get; init; }

    /// <summary>Copies the password from bytes to bytes, so that no string of it exists.</summary>
    internal sealed class Reader : JsonConverter<GeneratedPassword>
    {
        public override GeneratedPassword Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            AppPassword? password = null;
            bool isObject = reader.TokenType == JsonTokenType.StartObject;
            while (isObject && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isPassword = reader.ValueTextEquals("password"u8);
                reader.Read();
                if (isPassword && reader.TokenType == JsonTokenType.String)
                {
                    password?.Dispose();
                    password = Copy(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }

            return new GeneratedPassword { Password = password ?? throw new JsonException() };
        }

        public override void Write(
            Utf8JsonWriter writer, GeneratedPassword value, JsonSerializerOptions options) =>
            throw new NotSupportedException();

        private static AppPassword Copy(ref Utf8JsonReader reader)
        {
            byte[] buffer = new byte[reader.ValueSpan.Length];
            int length = reader.CopyString(buffer);
            byte[] bytes = buffer[..length];
            Array.Clear(buffer);
            return new AppPassword(bytes);
        }
    }
}
