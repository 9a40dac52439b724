using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace MailOperator.Kubernetes;

/// <summary>JSON of our own kinds, as the API server reads and writes it.</summary>
internal static class ApiJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        PropertyNameCaseInsensitive = false,
        NumberHandling = JsonNumberHandling.Strict,
        // A null that the type does not allow is an error here and not a NullReferenceException elsewhere.
        RespectNullableAnnotations = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters =
        {
            new KubernetesTime(),
        },
        TypeInfoResolver = KubernetesTypes.Default,
    };

    /// <summary>The same, but an object's metadata is skipped: it is read by hand.</summary>
    public static readonly JsonSerializerOptions WithoutMetadata = new(Options)
    {
        TypeInfoResolver = KubernetesTypes.Default.WithAddedModifier(SkipMetadata),
    };

    /// <summary>
    /// Adds the types of a room. Their code is generated when the operator is compiled: reading types at run time would
    /// cost each start of the process.
    /// </summary>
    public static void Add(IJsonTypeInfoResolver types)
    {
        Options.TypeInfoResolverChain.Add(types);
        WithoutMetadata.TypeInfoResolverChain.Add(types.WithAddedModifier(SkipMetadata));
    }

    /// <summary>A JSON document as bytes that the caller owns and can wipe.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            write(writer);
        }

        byte[] bytes = buffer.WrittenSpan.ToArray();
        buffer.Clear(); // overwrites what was written
        return bytes;
    }

    public static byte[] Serialize<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, TypeOf<T>(Options));

    /// <summary>Writes a value by the type that it has.</summary>
    public static void Write(Utf8JsonWriter json, object? value)
    {
        if (value is null)
        {
            json.WriteNullValue();
        }
        else
        {
            JsonSerializer.Serialize(json, value, Options.GetTypeInfo(value.GetType()));
        }
    }

    public static T? Deserialize<T>(JsonElement element) => element.Deserialize(TypeOf<T>(Options));

    public static T? Deserialize<T>(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, TypeOf<T>(Options));

    /// <summary>How a type is written and read.</summary>
    /// <exception cref="NotSupportedException">No room has added the type.</exception>
    public static JsonTypeInfo<T> TypeOf<T>(JsonSerializerOptions options) =>
        (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));

    private static void SkipMetadata(JsonTypeInfo type)
    {
        if (type.Type.IsAssignableTo(typeof(ApiObject))
            && type.Properties.FirstOrDefault(static property => property.Name == "metadata") is { } metadata)
        {
            type.Properties.Remove(metadata);
        }
    }

    /// <summary>RFC 3339 in whole seconds, as metav1.Time.</summary>
    private sealed class KubernetesTime : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDateTimeOffset().ToUniversalTime();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Rfc3339.Format(value));
    }
}
