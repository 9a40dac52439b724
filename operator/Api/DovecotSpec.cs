namespace MailOperator.Api;

/// <summary>The Dovecot servers themselves, beside where they find their passwords.</summary>
internal sealed class DovecotSpec
{
    /// <summary>Told when passwords end: to flush their cache and to end sessions.</summary>
    public DoveadmSpec[]? Doveadm { get; set; }
}

internal enum AuthCacheTreatment
{
    Flush,

    /// <summary>There is no cache: nothing is flushed.</summary>
    None,
}

/// <summary>Dovecot's HTTP API, of one server or of all that its host name has addresses of.</summary>
internal sealed class DoveadmSpec
{
    public string Url { get; set; } = "";

    /// <summary>Whether there is a cache to flush, and a doveadm that can.</summary>
    public AuthCacheTreatment? AuthCache { get; set; }

    /// <summary>In the operator's own namespace: key <c>api-key</c>, or <c>password</c> and maybe <c>username</c>.</summary>
    public ObjectReference CredentialsSecret { get; set; } = new();
}
