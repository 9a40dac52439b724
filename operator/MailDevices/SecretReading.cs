using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using k8s.Models;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Passwords;

namespace MailOperator.MailDevices;

/// <summary>A Secret as it was just read, with the password in it, until it is disposed of.</summary>
internal sealed class SecretReading : IDisposable
{
    private readonly Dictionary<string, byte[]> _data;

    private SecretReading(V1ObjectMeta metadata, string type, bool isImmutable, Dictionary<string, byte[]> data)
    {
        Metadata = metadata;
        Type = type;
        IsImmutable = isImmutable;
        _data = data;
        Password = new AppPassword(data.GetValueOrDefault(Record.IsHeld ? SecretContent.HashKey : SecretContent.PasswordKey, []));
    }

    public V1ObjectMeta Metadata { get; }

    public string Type { get; }

    public bool IsImmutable { get; }

    /// <summary>What the Secret is there for: the password, or the hash of one that a person holds.</summary>
    public AppPassword Password { get; }

    /// <summary>Reads the object and wipes the bytes that it came in.</summary>
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
                    data[entry.Name] = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetBytesFromBase64() : [];
                }
            }

            return new SecretReading(
                ApiJson.Deserialize<V1ObjectMeta>(root.GetProperty("metadata"))!,
                root.TryGetProperty("type", out JsonElement type) ? type.GetString() ?? "" : "",
                root.TryGetProperty("immutable", out JsonElement immutable) && immutable.ValueKind == JsonValueKind.True,
                data);
        }
        finally
        {
            Array.Clear(secret);
        }
    }

    public CredentialRecord Record => new()
    {
        Epoch = int.TryParse(Annotation(Annotations.Epoch), NumberStyles.None, CultureInfo.InvariantCulture, out int epoch) && epoch < int.MaxValue ? epoch : 0,
        Selector = Annotation(Annotations.Credential),
        IssuedAt = Rfc3339.Parse(Annotation(Annotations.IssuedAt)) ?? DateTimeOffset.UnixEpoch,
        HandledRotation = Annotation(Annotations.HandledRotation),
        HandledRotateAndRevoke = Annotation(Annotations.HandledRotateAndRevoke),
        IsRestartOwed = Annotation(Annotations.RestartOwed) == "true",
        Source = Annotation(Annotations.Source),
        Claim = Annotation(Annotations.HeldByClaim),
        Retiring = SecretContent.ParseRetiring(Annotation(Annotations.Retiring)),
        Shape = Annotation(Annotations.IssuedFor),
        ToBeRefused = SecretContent.ParseToBeRefused(Annotation(Annotations.ToBeRefused)),
    };

    public string Digest => Annotation(Annotations.Digest);

    /// <summary>The bytes under a key, until this is disposed of; null if there is no such key.</summary>
    public byte[]? Find(string key) => _data.GetValueOrDefault(key);

    /// <summary>Why this Secret is not the device's, or null if it is.</summary>
    public string? ForeignOwner(string deviceUid)
    {
        IList<V1OwnerReference> owners = Metadata.OwnerReferences ?? [];
        return owners.Any(owner => owner.Uid == deviceUid) ? null
            : owners.FirstOrDefault() is { } other ? $"belongs to {other.Kind} '{other.Name}' (UID {other.Uid})"
            : "was not made by this operator";
    }

    /// <summary>Whether everything but password and bookkeeping is as wanted.</summary>
    public bool Matches(DesiredCredential desired, string digest)
    {
        Dictionary<string, string> settings = SecretContent.Settings(desired);
        return Digest == digest
            && settings.All(setting => Has(setting.Key, Encoding.UTF8.GetBytes(setting.Value)))
            && (desired.IsHeld || HasAndWipes(SecretContent.UriKey, SecretContent.Uri(desired, Password.Bytes)))
            && desired.SecretData.All(entry => HasAndWipes(entry.Key, SecretContent.Render(entry.Value, desired, Password.Bytes)))
            && !RemovedKeys(desired).Any()
            && LabelsAndAnnotations(desired)
            && Annotation(Annotations.AppliedMetadata) == SecretContent.Applied(desired);
    }

    /// <summary>What the operator put there once and is no longer wanted.</summary>
    public ObsoleteEntries ObsoleteEntriesOf(DesiredCredential desired) => new(
        [.. Applied(0).Where(name => !desired.SecretLabels.ContainsKey(name))],
        [.. Applied(1).Where(name => !desired.SecretAnnotations.ContainsKey(name))],
        [.. RemovedKeys(desired)]);

    public void Dispose()
    {
        Password.Dispose();
        foreach (byte[] value in _data.Values)
        {
            Array.Clear(value);
        }
    }

    private IEnumerable<string> RemovedKeys(DesiredCredential desired)
    {
        Dictionary<string, string> settings = SecretContent.Settings(desired);
        return _data.Keys.Where(key => !settings.ContainsKey(key) && !desired.SecretData.ContainsKey(key)
            && (SecretContent.DataKeys.Contains(key) ? desired.IsHeld || key is not (SecretContent.PasswordKey or SecretContent.UriKey) : Applied(2).Contains(key)));
    }

    private bool LabelsAndAnnotations(DesiredCredential desired) =>
        Metadata.Labels is { } labels
        && labels.TryGetValue(Annotations.ManagedByLabel, out string? manager) && manager == Annotations.ManagedByValue
        && desired.SecretLabels.All(wanted => labels.TryGetValue(wanted.Key, out string? value) && value == wanted.Value)
        && desired.SecretAnnotations.All(wanted => Metadata.Annotations?.TryGetValue(wanted.Key, out string? value) == true && value == wanted.Value);

    // The list is the Secret's own word: forged, it must not make the operator take away what it keeps there.
    private ImmutableArray<string> Applied(int part) =>
        Annotation(Annotations.AppliedMetadata).Split(';') is { Length: 2 or 3 } parts && part < parts.Length
            ? [.. parts[part].Split(',', StringSplitOptions.RemoveEmptyEntries).Where(static name => !MailDeviceResolver.IsReserved(name))]
            : [];

    private bool Has(string key, ReadOnlySpan<byte> value) => _data.TryGetValue(key, out byte[]? present) && present.AsSpan().SequenceEqual(value);

    private bool HasAndWipes(string key, byte[] value)
    {
        bool has = Has(key, value);
        Array.Clear(value);
        return has;
    }

    private string Annotation(string name) => Metadata.Annotations is { } all && all.TryGetValue(name, out string? value) ? value : "";
}
