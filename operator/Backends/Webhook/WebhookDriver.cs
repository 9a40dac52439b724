using MailOperator.Api;

namespace MailOperator.Backends.Webhook;

/// <summary><c>spec.webhook</c>: any mail system that implements the contract in <c>openapi-v1.yaml</c>.</summary>
internal sealed class WebhookDriver(IBackendSecrets secrets, TimeProvider clock) : IMailBackendDriver
{
    public string Key => "webhook";

    public ClientSpec? PublicClient => null;

    public object? SpecOf(MailBackendSpec spec) => spec.Webhook;

    public IEnumerable<string> Validate(MailBackendSpec spec)
    {
        WebhookSpec webhook = spec.Webhook!;
        if (BackendHttp.Problem(webhook.Url, "https://mail.example.com/mail-operator") is { } url)
        {
            yield return $"spec.webhook.url {url}";
        }

        if (!ObjectNames.IsValid(webhook.AuthSecret.Name))
        {
            yield return $"spec.webhook.authSecret names '{webhook.AuthSecret.Name}', which is not a valid "
                + "name of a Secret";
        }

        if (CaBundle.Problem(webhook.CaBundle) is { } problem)
        {
            yield return $"spec.webhook.caBundle {problem}";
        }
    }

    public IMailBackend Create(MailBackendSpec spec)
    {
        WebhookSpec webhook = spec.Webhook!;
        var gate = new RetryAfterGate(clock); // outlives the credentials
        var credentials = new WebhookCredentialSource(webhook, secrets);
        return new WebhookBackend(webhook, new CredentialedClient<WebhookCredentials, WebhookClient>(
            credentials.ReadAsync, current => new WebhookClient(webhook, current, gate, clock)));
    }
}
