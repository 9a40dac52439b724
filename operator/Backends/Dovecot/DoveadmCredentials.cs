using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using MailOperator.Kubernetes;

namespace MailOperator.Backends.Dovecot;

/// <summary>Reads from a Secret what lets the operator in at doveadm's HTTP API.</summary>
internal sealed class DoveadmCredentials(KubernetesApi api, string ownNamespace)
{
    private const string DefaultUsername = "doveadm";

    /// <summary>Key <c>api-key</c> is Dovecot's doveadm_api_key; else <c>password</c> is its doveadm_password.</summary>
    public async Task<AuthenticationHeaderValue> ReadAsync(string secretName, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(ownNamespace, secretName);
        try
        {
            byte[] secret = await api.FindAsync(ResourceType.Secrets, key, cancellationToken)
                ?? throw new MailBackendException(BackendFailure.Unauthorized, $"Secret {key} with the credentials for doveadm does not exist; create it.");
            return Header(secret)
                ?? throw new MailBackendException(BackendFailure.Unauthorized, $"Secret {key} holds neither the key 'api-key' nor the key 'password' for doveadm; add one.");
        }
        catch (Exception e) when (e is ApiException or HttpRequestException)
        {
            throw new MailBackendException(BackendFailure.Unavailable, $"Secret {key} with the credentials for doveadm could not be read: {e.Message}", e);
        }
    }

    private static AuthenticationHeaderValue? Header(byte[] secret)
    {
        using var document = JsonDocument.Parse(secret);
        if (!document.RootElement.TryGetProperty("data", out JsonElement data) || data.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        string? Value(string name) => data.TryGetProperty(name, out JsonElement value)
            ? Encoding.UTF8.GetString(value.GetBytesFromBase64()).TrimEnd('\r', '\n') // as editors and `echo` leave one
            : null;

        return Value("api-key") is { Length: > 0 } apiKey ? new AuthenticationHeaderValue("X-Dovecot-API", Base64(apiKey))
            : Value("password") is { Length: > 0 } password ? new AuthenticationHeaderValue("Basic", Base64($"{Value("username") ?? DefaultUsername}:{password}"))
            : null;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
