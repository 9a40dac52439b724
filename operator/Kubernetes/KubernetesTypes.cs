using System.Text.Json.Serialization;

namespace MailOperator.Kubernetes;

/// <summary>What this room writes and reads as JSON.</summary>
[JsonSerializable(typeof(MetadataObject))]
[JsonSerializable(typeof(SecretMetadata))]
[JsonSerializable(typeof(NamespaceMetadata))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(List<string>))]
[JsonSerializable(typeof(DateTimeOffset))]
internal sealed partial class KubernetesTypes : JsonSerializerContext;
