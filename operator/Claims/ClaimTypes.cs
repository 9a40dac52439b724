using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using MailOperator.Kubernetes;

namespace MailOperator.Claims;

/// <summary>The record of a claim as JSON.</summary>
[JsonSerializable(typeof(ClaimRecord))]
internal sealed partial class ClaimTypes : JsonSerializerContext
{
    [ModuleInitializer]
    internal static void Register() => ApiJson.Add(Default);
}
