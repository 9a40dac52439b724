using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace MailOperator.Kubernetes;

/// <summary>What every watched object has. Objects in a store are shared: never change one.</summary>
internal abstract class ApiObject : IKubernetesObject<V1ObjectMeta>
{
    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>Which fields could not be read and why, for an object that does not fit its type; else null.</summary>
    [JsonIgnore]
    public string? DecodeError { get; set; }

    /// <summary>
    /// The fields that could not be read, such as <c>spec.rotation.window</c>. They look as if they were left out.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<string> Unreadable { get; set; } = [];

    [JsonIgnore]
    public ObjectKey Key => ObjectKey.Of(Metadata);

    [JsonIgnore]
    public bool IsDeleting => Metadata.DeletionTimestamp is not null;

    /// <summary>Whether a field was read with everything in it; one that is left out was.</summary>
    /// <param name="field">The path of the field, such as <c>spec.rotation</c>.</param>
    public bool IsReadable(string field) => !Unreadable.Any(lost =>
        lost == field
        || lost.StartsWith(field + ".", StringComparison.Ordinal)
        || field.StartsWith(lost + ".", StringComparison.Ordinal));

    public string? Annotation(string name) =>
        Metadata.Annotations is { } annotations && annotations.TryGetValue(name, out string? value) ? value : null;

    public string? Label(string name) =>
        Metadata.Labels is { } labels && labels.TryGetValue(name, out string? value) ? value : null;
}

/// <summary>An object of which only the metadata was asked for.</summary>
internal class MetadataObject : ApiObject;

/// <summary>A watched Secret: its metadata.</summary>
internal sealed class SecretMetadata : MetadataObject;

/// <summary>A watched Namespace: its metadata.</summary>
internal sealed class NamespaceMetadata : MetadataObject;
