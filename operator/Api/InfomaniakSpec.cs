namespace MailOperator.Api;

/// <summary>A mail service of Infomaniak.</summary>
internal sealed class InfomaniakSpec
{
    /// <summary>The number of the mail service.</summary>
    public long ServiceId { get; set; }

    /// <summary>In the operator's own namespace: key <c>token</c>.</summary>
    public ObjectReference TokenSecret { get; set; } = new();

    /// <summary>The URL of the API; null is the public one.</summary>
    public string? Url { get; set; }

    /// <summary>Certificates in PEM.</summary>
    public byte[]? CaBundle { get; set; }
}
