using System.Text.Json.Serialization;
using MailOperator.Kubernetes;

namespace MailOperator.Api;

/// <summary>A database with the table of this project.</summary>
internal sealed class SqlSpec
{
    public SqlEngineKind Engine { get; set; }

    public string Host { get; set; } = "";

    public int? Port { get; set; }

    public string Database { get; set; } = "";

    /// <summary>In the operator's own namespace.</summary>
    public ObjectReference CredentialsSecret { get; set; } = new();

    public SqlTls? Tls { get; set; }

    /// <summary>Certificates in PEM.</summary>
    public byte[]? CaBundle { get; set; }

    public int? MaxConnections { get; set; }
}

[JsonConverter(typeof(EnumNames<SqlEngineKind>))]
internal enum SqlEngineKind
{
    PostgreSQL,

    /// <summary>Also MariaDB.</summary>
    MySQL,
}

[JsonConverter(typeof(EnumNames<SqlTls>))]
internal enum SqlTls
{
    /// <summary>Encrypted; the certificate and the name of the server are verified.</summary>
    VerifyFull,

    /// <summary>Encrypted; nothing is verified.</summary>
    Required,

    Disabled,
}
