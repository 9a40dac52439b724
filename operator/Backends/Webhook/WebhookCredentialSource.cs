using System.Security.Cryptography;
using MailOperator.Api;

namespace MailOperator.Backends.Webhook;

/// <summary>Reads the credentials from the Secret that <c>spec.webhook.authSecret</c> names.</summary>
internal sealed class WebhookCredentialSource(WebhookSpec spec, IBackendSecrets secrets)
{
    public async Task<WebhookCredentials> ReadAsync(CancellationToken cancellationToken)
    {
        BackendSecret secret = await secrets.ReadAsync(spec.AuthSecret.Name, "the webhook", cancellationToken);
        var credentials = new WebhookCredentials(
            secret.Value("token"), secret.Value("tls.crt"), secret.Value("tls.key"));
        return ProblemIn(credentials) is { } problem
            ? throw MailBackendException.SecretIncomplete(
                $"Secret {secret.Key} with the credentials for the webhook {problem}.")
            : credentials;
    }

    private string? ProblemIn(WebhookCredentials credentials)
    {
        if (credentials is { Token: null, Certificate: null, Key: null })
        {
            return "holds neither the key 'token' nor the keys 'tls.crt' and 'tls.key'; add them";
        }

        if (credentials.Certificate is null != credentials.Key is null)
        {
            return "holds only one of the keys 'tls.crt' and 'tls.key'; add the other";
        }

        if (credentials.Certificate is not null && !spec.Url.StartsWith("https:", StringComparison.OrdinalIgnoreCase))
        {
            return "holds a certificate, which is sent over https only; correct spec.webhook.url";
        }

        if (credentials.Token?.Any(static character => character is <= ' ' or > '~') ?? false)
        {
            return "holds a 'token' with an invalid character; correct it";
        }

        try
        {
            _ = credentials.ClientCertificate();
            return null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return "needs a certificate in PEM in 'tls.crt' and its private key in 'tls.key'; correct them";
        }
    }
}
