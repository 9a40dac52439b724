namespace MailOperator.Api;

/// <summary>A Dovecot passwd-file: a local path or a Secret, exactly one of them.</summary>
internal sealed class PasswdFileSpec
{
    /// <summary>Absolute path of the file in the operator's own file system.</summary>
    public string? Path { get; set; }

    public SecretKeyReference? Secret { get; set; }

    public LoginLogSpec? LoginLog { get; set; }
}

/// <summary>Dovecot's log of logins, which tells when a device logged in last.</summary>
internal sealed class LoginLogSpec
{
    /// <summary>Absolute path of the file in the operator's own file system.</summary>
    public string Path { get; set; } = "";
}
