using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using MailOperator.Kubernetes;
using MailOperator.MailServers;
using MailOperator.SecretTemplates;

namespace MailOperator.MailDevices.Spec;

/// <summary>The Secret of a device, but for the password in it.</summary>
internal sealed record DesiredSecret
{
    public required string Name { get; init; }

    public required string Type { get; init; }

    public required ImmutableSortedDictionary<string, string> Labels { get; init; }

    public required ImmutableSortedDictionary<string, string> Annotations { get; init; }

    /// <summary>Further keys, and the templates of their values.</summary>
    public ImmutableSortedDictionary<string, SecretTemplate> Data { get; init; } =
        ImmutableSortedDictionary<string, SecretTemplate>.Empty;

    /// <summary>Name of the MailBackend.</summary>
    public required string Provider { get; init; }

    /// <summary>The user name to log in with.</summary>
    public required string Username { get; init; }

    /// <summary>
    /// The endpoints of the backend that the device may use. The first one gives <c>host</c> and <c>port</c>.
    /// </summary>
    public required ImmutableArray<ClientEndpoint> Endpoints { get; init; }

    /// <summary>It holds the hash of a claimed password, and no password.</summary>
    public bool KeepsHash { get; init; }

    /// <summary>A hash of all properties, to tell two Secrets apart.</summary>
    public UInt128 Fingerprint() => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(ApiJson.Serialize(new
    {
        Name,
        Type,
        Labels,
        Annotations,
        Data = Data.ToDictionary(static entry => entry.Key, static entry => entry.Value.Text),
        Provider,
        Username,
        Endpoints,
        KeepsHash,
    })));
}
