using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using MailOperator.Kubernetes;

namespace MailOperator.Api;

/// <summary>The custom resources as JSON.</summary>
[JsonSerializable(typeof(DeviceInvitation))]
[JsonSerializable(typeof(MailBackend))]
[JsonSerializable(typeof(MailDevice))]
[JsonSerializable(typeof(MailUser))]
internal sealed partial class ApiTypes : JsonSerializerContext
{
    [ModuleInitializer]
    internal static void Register() => ApiJson.Add(Default);
}
