using System.Data.Common;
using MailOperator.Api;
using Npgsql;

namespace MailOperator.Backends.Sql;

/// <summary>PostgreSQL, by Npgsql.</summary>
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
            SslMode = tls switch { SqlTls.Disabled => SslMode.Disable, SqlTls.Required => SslMode.Require, _ => SslMode.VerifyFull },
            Timeout = ConnectSeconds,
            CommandTimeout = CommandSeconds,
            MaxPoolSize = spec.MaxConnections ?? DefaultConnections,
            ConnectionIdleLifetime = 60,
            IncludeErrorDetail = false, // a detail quotes the row
        };
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        if (tls == SqlTls.VerifyFull && CaBundle.Read(spec.CaBundle) is { Count: > 0 } roots)
        {
            builder.UseRootCertificates(roots);
        }

        return builder.Build();
    }

    public override bool IsDuplicate(DbException error) => error.SqlState == PostgresErrorCodes.UniqueViolation;

    protected override (BackendFailure Failure, string What) Judge(Exception error) => error switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } => (BackendFailure.Unauthorized, Refused),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } => (BackendFailure.Unauthorized, NotAllowed),
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn } => (BackendFailure.Rejected, NoTable),
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => (BackendFailure.Rejected, "there is no such database; create it or correct spec.sql.database."),
        PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable } =>
            (BackendFailure.Busy, "another change was under way."),
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } => (BackendFailure.Busy, "another change was under way."),
        PostgresException { SqlState: [not ('0' or '5'), ..] } refusal => (BackendFailure.Rejected, refusal.MessageText),
        PostgresException trouble => (BackendFailure.Unavailable, trouble.MessageText),
        _ => Unreachable(error),
    };
}
