using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using MailOperator.Kubernetes;
using MailOperator.MailServers;
using MailOperator.SecretTemplates;

namespace MailOperator.MailDevices.Spec;

/// <summary>What the Secret looks like, but for the password in it.</summary>
internal sealed record DesiredSecret
{
    public required string Name { get; init; }

    public required string Type { get; init; }

    public required ImmutableSortedDictionary<string, string> Labels { get; init; }

    public required ImmutableSortedDictionary<string, string> Annotations { get; init; }

    /// <summary>Keys beside the operator's own, and what they are to hold.</summary>
    public ImmutableSortedDictionary<string, SecretTemplate> Data { get; init; } =
        ImmutableSortedDictionary<string, SecretTemplate>.Empty;

    /// <summary>Name of the MailBackend.</summary>
    public required string Provider { get; init; }

    /// <summary>What a client types in.</summary>
    public required string Username { get; init; }

    /// <summary>Endpoints that the backend serves and the device may use; the first one gives <c>host</c> and <c>port</c>.</summary>
    public required ImmutableArray<ClientEndpoint> Endpoints { get; init; }

    /// <summary>It keeps the hash of a password that a person claimed, and no password.</summary>
    public bool KeepsHash { get; init; }

    /// <summary>Tells two of them apart. All that is above is in it.</summary>
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
