using System.Net.Http.Headers;
using System.Text;
using MailOperator.Backends;

namespace MailOperator.MailServers;

/// <summary>What lets the operator in at doveadm's HTTP API, from a Secret.</summary>
internal sealed class DoveadmCredentials(IBackendSecrets secrets)
{
    private const string DefaultUsername = "doveadm";

    /// <summary>Key <c>api-key</c> is Dovecot's doveadm_api_key; else <c>password</c> is its doveadm_password.</summary>
    public async Task<AuthenticationHeaderValue> ReadAsync(string secretName, CancellationToken cancellationToken)
    {
        BackendSecret secret = await secrets.ReadAsync(secretName, "doveadm", cancellationToken);
        return secret.Value("api-key") is { } apiKey ? new AuthenticationHeaderValue("X-Dovecot-API", Base64(apiKey))
            : secret.Value("password") is { } password ? new AuthenticationHeaderValue("Basic", Base64($"{secret.Value("username") ?? DefaultUsername}:{password}"))
            : throw new MailBackendException(
                BackendFailure.Unauthorized, $"Secret {secret.Key} holds neither the key 'api-key' nor the key 'password' for doveadm; add one.");
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
