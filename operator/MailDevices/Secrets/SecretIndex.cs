using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Spec;

namespace MailOperator.MailDevices.Secrets;

/// <summary>Finds the watched Secrets of a device, and the device of a watched Secret.</summary>
internal static class SecretIndex
{
    /// <summary>Secrets that the device owns, by the names that it has or had.</summary>
    public static IEnumerable<SecretMetadata> NamesOf(ObjectStore<SecretMetadata> secrets, MailDevice device)
    {
        string @namespace = device.Metadata.NamespaceProperty;
        return new[] { MailDeviceResolver.SecretName(device), device.Metadata.Name, device.Status?.Binding?.Name }
            .OfType<string>()
            .Distinct(StringComparer.Ordinal)
            .Select(name => secrets.Find(new ObjectKey(@namespace, name)))
            .OfType<SecretMetadata>()
            .Where(secret => secret.Metadata.OwnerReferences?.Any(owner => owner.Uid == device.Metadata.Uid) ?? false);
    }

    /// <summary>Devices that a change of this Secret may concern: its owner, and the one of the same name.</summary>
    public static IEnumerable<ObjectKey> DevicesOf(SecretMetadata secret)
    {
        string @namespace = secret.Metadata.NamespaceProperty;
        return (secret.Metadata.OwnerReferences ?? [])
            .Where(static owner => owner.Kind == ApiGroup.MailDevices.Kind)
            .Select(static owner => owner.Name)
            .Append(secret.Metadata.Name)
            .Distinct(StringComparer.Ordinal)
            .Select(name => new ObjectKey(@namespace, name));
    }
}
