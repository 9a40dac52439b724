using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
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
    public UInt128 Fingerprint() => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(ApiJson.Write(Write)));

    // By hand, because every pass over a device asks for it.
    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        json.WriteStringValue(Name);
        json.WriteStringValue(Type);
        Write(json, Labels);
        Write(json, Annotations);
        json.WriteStartObject();
        foreach ((string key, SecretTemplate template) in Data)
        {
            json.WriteString(key, template.Text);
        }

        json.WriteEndObject();
        json.WriteStringValue(Provider);
        json.WriteStringValue(Username);
        foreach (ClientEndpoint endpoint in Endpoints)
        {
            json.WriteNumberValue((int)endpoint.Protocol);
            json.WriteStringValue(endpoint.Host);
            json.WriteNumberValue(endpoint.Port);
            json.WriteNumberValue((int)endpoint.Security);
        }

        json.WriteBooleanValue(KeepsHash);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, ImmutableSortedDictionary<string, string> map)
    {
        json.WriteStartObject();
        foreach ((string key, string value) in map)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }
}
