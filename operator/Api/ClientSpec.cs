namespace MailOperator.Api;

/// <summary>The endpoints at which mail clients reach the mail system.</summary>
internal sealed class ClientSpec
{
    public EndpointSpec? Imap { get; set; }

    public EndpointSpec? Pop3 { get; set; }

    public EndpointSpec? Smtp { get; set; }
}

internal sealed class EndpointSpec
{
    public string Host { get; set; } = "";

    public int Port { get; set; }

    public ConnectionSecurity? Security { get; set; }
}

internal enum ConnectionSecurity
{
    TLS,
    STARTTLS,
    None,
}
