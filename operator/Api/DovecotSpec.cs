namespace MailOperator.Api;

/// <summary>The Dovecot servers themselves, apart from the store that they read passwords from.</summary>
internal sealed class DovecotSpec
{
    /// <summary>Called when passwords end, to flush the auth cache and to end sessions.</summary>
    public DoveadmSpec[]? Doveadm { get; set; }
}

internal enum AuthCacheTreatment
{
    Flush,

    /// <summary>There is no cache: nothing is flushed.</summary>
    None,
}

/// <summary>Dovecot's HTTP API, at every address of its host name.</summary>
internal sealed class DoveadmSpec
{
    public string Url { get; set; } = "";

    /// <summary>Whether there is a cache to flush, and a doveadm that can.</summary>
    public AuthCacheTreatment? AuthCache { get; set; }

    /// <summary>In the operator's own namespace: key <c>api-key</c>, or <c>password</c> and maybe <c>username</c>.</summary>
    public ObjectReference CredentialsSecret { get; set; } = new();
}
