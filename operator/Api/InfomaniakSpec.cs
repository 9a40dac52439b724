namespace MailOperator.Api;

/// <summary>A mail service of Infomaniak.</summary>
internal sealed class InfomaniakSpec
{
    /// <summary>The servers in Infomaniak's documentation.</summary>
    public static ClientSpec PublicClient { get; } = new()
    {
        Imap = new EndpointSpec { Host = "mail.infomaniak.com", Port = 993, Security = ConnectionSecurity.TLS },
        Pop3 = new EndpointSpec { Host = "mail.infomaniak.com", Port = 995, Security = ConnectionSecurity.TLS },
        Smtp = new EndpointSpec { Host = "mail.infomaniak.com", Port = 465, Security = ConnectionSecurity.TLS },
    };

    /// <summary>The number of the mail service.</summary>
    public long ServiceId { get; set; }

    /// <summary>In the operator's own namespace: key <c>token</c>.</summary>
    public ObjectReference TokenSecret { get; set; } = new();

    /// <summary>The URL of the API; null is the public one.</summary>
    public string? Url { get; set; }

    /// <summary>Certificates in PEM.</summary>
    public byte[]? CaBundle { get; set; }
}
