using System.Text.Json.Serialization;

namespace MailOperator.Kubernetes;

/// <summary>Writes and reads a value of an enum by its name alone, exactly as it is declared.</summary>
internal sealed class EnumNames<T>() : JsonStringEnumConverter<T>(namingPolicy: null, allowIntegerValues: false)
    where T : struct, Enum;
