namespace MailOperator.Api;

/// <summary>A mail system that serves our contract over HTTP.</summary>
internal sealed class WebhookSpec
{
    /// <summary>Base URL of the paths of the contract.</summary>
    public string Url { get; set; } = "";

    /// <summary>In the operator's own namespace: key <c>token</c>, or <c>tls.crt</c> and <c>tls.key</c>, or all three.</summary>
    public ObjectReference AuthSecret { get; set; } = new();

    /// <summary>Certificates in PEM.</summary>
    public byte[]? CaBundle { get; set; }

    /// <summary>What it enforces and reports.</summary>
    public WebhookCapability[]? Capabilities { get; set; }
}

internal enum WebhookCapability
{
    Protocols,
    SendRight,
    Networks,
    Expiry,
    ChosenPassword,

    /// <summary>It reports logins.</summary>
    LastUse,
}
