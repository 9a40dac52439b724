namespace MailOperator.Api;

/// <summary>A Dovecot passwd-file: exactly one of a local path and a Secret.</summary>
internal sealed class PasswdFileSpec
{
    /// <summary>Absolute path of the file in the operator's own file system.</summary>
    public string? Path { get; set; }

    public SecretKeyReference? Secret { get; set; }

    public LoginLogSpec? LoginLog { get; set; }
}

/// <summary>Dovecot's log of logins, for the last login of each device.</summary>
internal sealed class LoginLogSpec
{
    /// <summary>Absolute path of the file in the operator's own file system.</summary>
    public string Path { get; set; } = "";
}
