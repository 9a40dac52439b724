using System.Data.Common;
using System.Security.Cryptography.X509Certificates;
using MailOperator.Api;
using MailOperator.Kubernetes;
using Npgsql;

namespace MailOperator.Backends.Sql;

/// <summary>PostgreSQL, with Npgsql.</summary>
internal sealed class PostgreSqlEngine : SqlEngine
{
    public override int DefaultPort => 5432;

    public override DbDataSource Connect(SqlSpec spec, SqlCredentials credentials)
    {
        SqlTls tls = spec.Tls ?? SqlTls.VerifyFull;
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = spec.Host,
            Port = spec.Port ?? DefaultPort,
            Database = spec.Database,
            Username = credentials.Username,
            Password = credentials.Secret,
            ApplicationName = "mail-operator",
            // The policy below verifies. In the mode VerifyFull the driver hides why a certificate is not accepted.
            SslMode = tls == SqlTls.Disabled ? SslMode.Disable : SslMode.Require,
            Timeout = ConnectSeconds,
            CommandTimeout = CommandSeconds,
            MaxPoolSize = spec.MaxConnections ?? DefaultConnections,
            ConnectionIdleLifetime = 60,
            IncludeErrorDetail = false, // the detail of an error quotes the row
        };
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        X509Certificate2Collection roots = CaBundle.Read(spec.CaBundle);
        builder.UseSslClientAuthenticationOptionsCallback(options =>
        {
            options.CertificateChainPolicy = ServerCertificates.Policy(roots);
            if (tls == SqlTls.VerifyFull)
            {
                options.RemoteCertificateValidationCallback = null; // the driver's accepts every certificate
            }
        });
        return builder.Build();
    }

    public override bool IsDuplicate(DbException error) => error.SqlState == PostgresErrorCodes.UniqueViolation;

    protected override (BackendFailure Failure, string What) Judge(Exception error) =>
        error is PostgresException problem ? Judge(problem) : Unreachable(error);

    private static (BackendFailure Failure, string What) Judge(PostgresException problem) => problem.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            (BackendFailure.Unauthorized, Refused),
        PostgresErrorCodes.InsufficientPrivilege => (BackendFailure.Unauthorized, NotAllowed),
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn => (BackendFailure.Rejected, NoTable),
        PostgresErrorCodes.InvalidCatalogName => (BackendFailure.Rejected, NoDatabase),
        PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected
            or PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.UniqueViolation =>
            (BackendFailure.Busy, Conflict),
        PostgresErrorCodes.ReadOnlySqlTransaction => (BackendFailure.Unavailable, ReadOnly),
        // The data, a constraint, or a statement that this database does not know.
        ['2', '2' or '3', ..] or ['4', '2' or '4', ..] or ['P', ..] => (BackendFailure.Rejected, problem.MessageText),
        // A state of the server: full, in recovery, shutting down, of another version.
        _ => (BackendFailure.Unavailable, problem.MessageText),
    };
}
