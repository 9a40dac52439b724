using System.Text.Json.Serialization;
using MailOperator.Kubernetes;

namespace MailOperator.Api;

/// <summary>The endpoints at which mail clients reach the mail system.</summary>
internal class ServersSpec
{
    public EndpointSpec? Imap { get; set; }

    public EndpointSpec? Pop3 { get; set; }

    public EndpointSpec? Smtp { get; set; }
}

/// <summary>The same, as a MailBackend has them.</summary>
internal sealed class ClientSpec : ServersSpec
{
    /// <summary>Certificates in PEM, for the logins of <see cref="LoginVerification.Login"/>.</summary>
    public byte[]? CaBundle { get; set; }
}

internal sealed class EndpointSpec
{
    public string Host { get; set; } = "";

    public int Port { get; set; }

    public ConnectionSecurity? Security { get; set; }
}

[JsonConverter(typeof(EnumNames<ConnectionSecurity>))]
internal enum ConnectionSecurity
{
    TLS,
    STARTTLS,
    None,
}
