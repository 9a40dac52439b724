using System.Text.Json;
using k8s.Models;
using MailOperator.Kubernetes;

namespace MailOperator.Integrity;

/// <summary>A Secret as read from the API server. Dispose wipes its data.</summary>
internal sealed class SecretReading : IDisposable
{
    private readonly Dictionary<string, byte[]> _data;

    private SecretReading(V1ObjectMeta metadata, string type, bool isImmutable, Dictionary<string, byte[]> data)
    {
        Metadata = metadata;
        Type = type;
        IsImmutable = isImmutable;
        _data = data;
    }

    public V1ObjectMeta Metadata { get; }

    public string Type { get; }

    public bool IsImmutable { get; }

    public IEnumerable<string> Keys => _data.Keys;

    /// <summary>Parses a Secret and wipes the bytes it is parsed from.</summary>
    public static SecretReading Parse(byte[] secret)
    {
        try
        {
            using var document = JsonDocument.Parse(secret);
            JsonElement root = document.RootElement;
            var data = new Dictionary<string, byte[]>(StringComparer.Ordinal);
            if (root.TryGetProperty("data", out JsonElement entries) && entries.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty entry in entries.EnumerateObject())
                {
                    data[entry.Name] =
                        entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetBytesFromBase64() : [];
                }
            }

            return new SecretReading(
                ApiMetadata.ReadAll(root.GetProperty("metadata"))!,
                root.TryGetProperty("type", out JsonElement type) ? type.GetString() ?? "" : "",
                root.TryGetProperty("immutable", out JsonElement immutable)
                    && immutable.ValueKind == JsonValueKind.True,
                data);
        }
        finally
        {
            Array.Clear(secret);
        }
    }

    /// <summary>The value of a key, which Dispose wipes; null if there is no such key.</summary>
    public byte[]? Find(string key) => _data.GetValueOrDefault(key);

    /// <summary>Whether the key has exactly this value.</summary>
    public bool Has(string key, ReadOnlySpan<byte> value) =>
        _data.TryGetValue(key, out byte[]? present) && present.AsSpan().SequenceEqual(value);

    /// <summary>The value of an annotation; "" if there is none.</summary>
    public string Annotation(string name) =>
        Metadata.Annotations is { } all && all.TryGetValue(name, out string? value) ? value : "";

    /// <summary>Why this Secret does not belong to the object of this UID; null if it does.</summary>
    public string? ForeignOwner(string uid) => IsOwnedBy(uid) ? null : Owner ?? "was not made by this operator";

    public bool IsOwnedBy(string uid) => Metadata.OwnerReferences?.Any(owner => owner.Uid == uid) ?? false;

    /// <summary>Its first owner, for people; null if it has none.</summary>
    public string? Owner => Metadata.OwnerReferences is [{ } owner, ..]
        ? $"belongs to {owner.Kind} '{owner.Name}' (UID {owner.Uid})"
        : null;

    public void Dispose()
    {
        foreach (byte[] value in _data.Values)
        {
            Array.Clear(value);
        }
    }
}
