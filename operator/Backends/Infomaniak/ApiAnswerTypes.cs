using System.Text.Json;
using System.Text.Json.Serialization;

namespace MailOperator.Backends.Infomaniak;

/// <summary>The answers of the API as JSON.</summary>
[JsonSerializable(typeof(ApiAnswer<bool>))]
[JsonSerializable(typeof(ApiAnswer<JsonElement>))]
[JsonSerializable(typeof(ApiAnswer<DeviceAccess[]>))]
[JsonSerializable(typeof(ApiAnswer<GeneratedPassword>))]
internal sealed partial class ApiAnswerTypes : JsonSerializerContext;
