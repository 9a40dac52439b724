using System.Security.Cryptography;
using System.Text.Json;
using MailOperator.Kubernetes;

namespace MailOperator.Integrity;

/// <summary>
/// The key of <see cref="CredentialDigest"/>: generated once and stored in a Secret of the operator's namespace.
/// </summary>
internal static class DigestKey
{
    public const string SecretName = "mail-operator-digest-key";

    private const string DataKey = "key";
    private const int Bytes = 32;

    /// <exception cref="InvalidOperationException">The Secret has no usable key, or there is no namespace.</exception>
    public static async Task<CredentialDigest> LoadOrCreateAsync(
        KubernetesApi api, string @namespace, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(@namespace, SecretName);
        while (true)
        {
            if (await api.FindAsync(ResourceType.Secrets, key, cancellationToken) is { } found)
            {
                return Read(found, key);
            }

            try
            {
                return Read(await api.CreateAsync(ResourceType.Secrets, @namespace, Body(), cancellationToken), key);
            }
            catch (ApiException e) when (e.IsConflict)
            {
                // Another operator has just created it: read that one.
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                throw new InvalidOperationException(
                    $"The operator's own namespace '{@namespace}' does not exist; create it first.", e);
            }
        }
    }

    private static byte[] Body() => ApiJson.Write(static json =>
    {
        json.WriteStartObject();
        json.WriteString("apiVersion", "v1");
        json.WriteString("kind", "Secret");
        json.WriteStartObject("metadata");
        json.WriteString("name", SecretName);
        json.WriteEndObject();
        json.WriteStartObject("data");
        json.WriteBase64String(DataKey, RandomNumberGenerator.GetBytes(Bytes));
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static CredentialDigest Read(byte[] secret, ObjectKey key)
    {
        using var document = JsonDocument.Parse(secret);
        return document.RootElement.TryGetProperty("data", out JsonElement data)
            && data.TryGetProperty(DataKey, out JsonElement value)
            && value.GetBytesFromBase64() is { Length: >= Bytes } bytes
            ? new CredentialDigest(bytes, MadeAt(document.RootElement))
            : throw new InvalidOperationException(
                $"Secret {key} has no usable '{DataKey}'. Delete it: the operator creates a new one and checks every "
                + "Secret against its backend once.");
    }

    private static DateTimeOffset MadeAt(JsonElement secret) =>
        secret.GetProperty("metadata").TryGetProperty("creationTimestamp", out JsonElement created)
        && created.ValueKind == JsonValueKind.String
            ? created.GetDateTimeOffset()
            : default;
}
