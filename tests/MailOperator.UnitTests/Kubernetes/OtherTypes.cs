using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using MailOperator.Kubernetes;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>Tests also write types that no part of the operator puts on the wire.</summary>
internal static class OtherTypes
{
    [ModuleInitializer]
    internal static void Register() => ApiJson.Add(new DefaultJsonTypeInfoResolver());
}
