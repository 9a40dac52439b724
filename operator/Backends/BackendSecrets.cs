using System.Text;
using System.Text.Json;
using MailOperator.Kubernetes;

namespace MailOperator.Backends;

/// <inheritdoc cref="IBackendSecrets"/>
internal sealed class BackendSecrets(KubernetesApi api, string ownNamespace) : IBackendSecrets
{
    public string Namespace => ownNamespace;

    public async Task<BackendSecret> ReadAsync(string name, string purpose, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(ownNamespace, name);
        try
        {
            byte[] secret = await api.FindAsync(ResourceType.Secrets, key, cancellationToken)
                ?? throw MailBackendException.SecretIncomplete(
                    $"Secret {key} with the credentials for {purpose} does not exist; create it.");
            return new BackendSecret(key, DataOf(secret));
        }
        catch (Exception e) when (e is ApiException or HttpRequestException)
        {
            throw new MailBackendException(
                BackendFailure.Unavailable,
                $"Secret {key} with the credentials for {purpose} could not be read: {e.Message}", e);
        }
    }

    private static Dictionary<string, string> DataOf(byte[] secret)
    {
        try
        {
            using var document = JsonDocument.Parse(secret);
            var data = new Dictionary<string, string>(StringComparer.Ordinal);
            if (document.RootElement.TryGetProperty("data", out JsonElement entries)
                && entries.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty entry in entries.EnumerateObject())
                {
                    data[entry.Name] = Encoding.UTF8.GetString(entry.Value.GetBytesFromBase64()).TrimEnd('\r', '\n');
                }
            }

            return data;
        }
        finally
        {
            Array.Clear(secret);
        }
    }
}
