using System.Collections.Immutable;
using System.Text;
using MailOperator.Api;
using MailOperator.Integrity;
using MailOperator.MailDevices.Spec;
using MailOperator.Passwords;

namespace MailOperator.MailDevices.Secrets;

/// <summary>A Secret of a device as it was just read. Holds the password until it is disposed.</summary>
internal sealed class DeviceSecretReading : IDisposable
{
    private readonly SecretReading _secret;

    public DeviceSecretReading(SecretReading secret)
    {
        _secret = secret;
        Payload = Origin.Claim.Length > 0
            ? new SecretPayload.Hash(secret.Find(SecretKeys.Hash) ?? [])
            : new SecretPayload.Password(new AppPassword(secret.Find(SecretKeys.Password) ?? []));
    }

    public k8s.Models.V1ObjectMeta Metadata => _secret.Metadata;

    public string Type => _secret.Type;

    public bool IsImmutable => _secret.IsImmutable;

    public SecretPayload Payload { get; }

    /// <summary>Whether the annotations about the origin of the password contradict each other.</summary>
    public bool IsContradictory => !Origin.AreConsistent;

    /// <summary>Parses the object and wipes its bytes.</summary>
    public static DeviceSecretReading Parse(byte[] secret) => new(SecretReading.Parse(secret));

    /// <summary>For which UID it was made, with the proof; "" if it does not say.</summary>
    public string Identity => Annotation(Annotations.Identity);

    /// <inheritdoc cref="SecretReading.Owner"/>
    public string? Owner => _secret.Owner;

    /// <inheritdoc cref="SecretReading.IsOwnedBy"/>
    public bool IsOwnedBy(string uid) => _secret.IsOwnedBy(uid);

    /// <summary>Whether no object owns it, except a MailDevice of this name under the UID that it had.</summary>
    public bool HasNoOwnerBut(string device, string uid) => (Metadata.OwnerReferences ?? []).All(owner =>
        owner.Kind == ApiGroup.MailDevices.Kind && owner.Name == device && owner.Uid == uid);

    public CredentialRecord Record => RecordReader.Read(Metadata);

    private OriginAnnotations Origin => RecordReader.OriginIn(Metadata);

    public string Digest => Annotation(Annotations.Digest);

    /// <summary>Whether everything but the password and its record is as desired.</summary>
    public bool Matches(DesiredSecret desired, string digest, string identity)
    {
        Dictionary<string, string> settings = SecretText.Settings(desired);
        return Digest == digest
            && Identity == identity
            && settings.All(setting => Has(setting.Key, Encoding.UTF8.GetBytes(setting.Value)))
            && (desired.KeepsHash || HasAndWipes(SecretKeys.Uri, SecretText.Uri(desired, Payload.Bytes)))
            && desired.Data.All(entry => HasAndWipes(entry.Key, SecretText.Render(entry.Value, desired, Payload.Bytes)))
            && !RemovedKeys(desired).Any()
            && LabelsAndAnnotations(desired)
            && Annotation(Annotations.AppliedMetadata) == SecretContent.Applied(desired);
    }

    /// <summary>What the operator once wrote and is no longer desired.</summary>
    public ObsoleteEntries ObsoleteEntriesOf(DesiredSecret desired) => new(
        [.. Applied(0).Where(name => !desired.Labels.ContainsKey(name))],
        [.. Applied(1).Where(name => !desired.Annotations.ContainsKey(name))],
        [.. RemovedKeys(desired)]);

    public void Dispose()
    {
        Payload.Dispose();
        _secret.Dispose();
    }

    private IEnumerable<string> RemovedKeys(DesiredSecret desired)
    {
        Dictionary<string, string> settings = SecretText.Settings(desired);
        return _secret.Keys.Where(key => !settings.ContainsKey(key) && !desired.Data.ContainsKey(key)
            && (SecretKeys.DataKeys.Contains(key)
                ? desired.KeepsHash || key is not (SecretKeys.Password or SecretKeys.Uri)
                : Applied(2).Contains(key)));
    }

    private bool LabelsAndAnnotations(DesiredSecret desired) =>
        Metadata.Labels is { } labels
        && labels.TryGetValue(Annotations.ManagedByLabel, out string? manager) && manager == Annotations.ManagedByValue
        && desired.Labels.All(wanted => labels.TryGetValue(wanted.Key, out string? value) && value == wanted.Value)
        && desired.Annotations.All(wanted =>
            Metadata.Annotations?.TryGetValue(wanted.Key, out string? value) == true && value == wanted.Value);

    // The list could be forged: it must not make the operator remove its own labels and annotations.
    private ImmutableArray<string> Applied(int part) =>
        Annotation(Annotations.AppliedMetadata).Split(';') is { Length: 2 or 3 } parts && part < parts.Length
            ? [.. parts[part].Split(',', StringSplitOptions.RemoveEmptyEntries)
                .Where(static name => !DeviceRules.IsReserved(name))]
            : [];

    private bool Has(string key, ReadOnlySpan<byte> value) => _secret.Has(key, value);

    private bool HasAndWipes(string key, byte[] value)
    {
        bool has = Has(key, value);
        Array.Clear(value);
        return has;
    }

    private string Annotation(string name) => _secret.Annotation(name);
}
