using System.Net.Http.Headers;
using System.Text;
using MailOperator.Backends;

namespace MailOperator.MailServers;

/// <summary>Reads the credentials for doveadm's HTTP API from a Secret.</summary>
internal sealed class DoveadmCredentials(IBackendSecrets secrets)
{
    private const string DefaultUsername = "doveadm";

    /// <summary>
    /// The key <c>api-key</c> is Dovecot's doveadm_api_key; without it, <c>password</c> is doveadm_password.
    /// </summary>
    /// <exception cref="MailBackendException">The Secret is missing, or has no credentials.</exception>
    public async Task<AuthenticationHeaderValue> ReadAsync(string secretName, CancellationToken cancellationToken)
    {
        BackendSecret secret = await secrets.ReadAsync(secretName, "doveadm", cancellationToken);
        if (secret.Value("api-key") is { } apiKey)
        {
            return new AuthenticationHeaderValue("X-Dovecot-API", Base64(apiKey));
        }

        string username = secret.Value("username") ?? DefaultUsername;
        return secret.Value("password") is { } password
            ? new AuthenticationHeaderValue("Basic", Base64($"{username}:{password}"))
            : throw MailBackendException.SecretIncomplete(
                $"Secret {secret.Key} has neither the key 'api-key' nor the key 'password' for doveadm; add one.");
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
