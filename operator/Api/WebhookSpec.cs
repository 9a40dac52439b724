using System.Text.Json.Serialization;
using MailOperator.Kubernetes;

namespace MailOperator.Api;

/// <summary>A mail system that implements the webhook contract of this project.</summary>
internal sealed class WebhookSpec
{
    /// <summary>The base URL, to which the paths of the contract are appended.</summary>
    public string Url { get; set; } = "";

    /// <summary>
    /// In the operator's own namespace: key <c>token</c>, or <c>tls.crt</c> and <c>tls.key</c>, or all three.
    /// </summary>
    public ObjectReference AuthSecret { get; set; } = new();

    /// <summary>Certificates in PEM.</summary>
    public byte[]? CaBundle { get; set; }

    /// <summary>What the mail system enforces and reports.</summary>
    public WebhookCapability[]? Capabilities { get; set; }
}

[JsonConverter(typeof(EnumNames<WebhookCapability>))]
internal enum WebhookCapability
{
    Protocols,
    SendRight,
    Networks,
    Expiry,
    ChosenPassword,

    /// <summary>Reports logins.</summary>
    LastUse,
}
