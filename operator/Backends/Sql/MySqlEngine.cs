using System.Data.Common;
using MailOperator.Api;
using MySqlConnector;

namespace MailOperator.Backends.Sql;

/// <summary>MySQL and MariaDB, by MySqlConnector.</summary>
internal sealed class MySqlEngine : SqlEngine
{
    public override int DefaultPort => 3306;

    public override DbDataSource Connect(SqlSpec spec, SqlCredentials credentials)
    {
        SqlTls tls = spec.Tls ?? SqlTls.VerifyFull;
        var settings = new MySqlConnectionStringBuilder
        {
            Server = spec.Host,
            Port = (uint)(spec.Port ?? DefaultPort),
            Database = spec.Database,
            UserID = credentials.Username,
            Password = credentials.Secret,
            ApplicationName = "mail-operator",
            // With roots of our own the callback below verifies, which the driver allows in this mode only.
            SslMode = tls == SqlTls.Disabled ? MySqlSslMode.None
                : tls == SqlTls.Required || spec.CaBundle is not null ? MySqlSslMode.Required
                : MySqlSslMode.VerifyFull,
            ConnectionTimeout = ConnectSeconds,
            DefaultCommandTimeout = CommandSeconds,
            MaximumPoolSize = (uint)(spec.MaxConnections ?? DefaultConnections),
            ConnectionIdleTimeout = 60,
            DateTimeKind = MySqlDateTimeKind.Utc,
            // Without TLS the server's key may be asked for: there is no other secret way to hand over a password.
            AllowPublicKeyRetrieval = tls == SqlTls.Disabled,
        };
        var builder = new MySqlDataSourceBuilder(settings.ConnectionString);
        if (tls == SqlTls.VerifyFull && CaBundle.Read(spec.CaBundle) is { Count: > 0 } roots)
        {
            builder.UseRemoteCertificateValidationCallback(CaBundle.Verifier(roots));
        }

        return builder.Build();
    }

    public override bool IsDuplicate(DbException error) => error is MySqlException { ErrorCode: MySqlErrorCode.DuplicateKeyEntry };

    protected override (BackendFailure Failure, string What) Judge(Exception error) => error is not MySqlException problem ? Unreachable(error) : problem.ErrorCode switch
    {
        MySqlErrorCode.AccessDenied => (BackendFailure.Unauthorized, Refused),
        MySqlErrorCode.DatabaseAccessDenied or MySqlErrorCode.TableAccessDenied or MySqlErrorCode.ColumnAccessDenied => (BackendFailure.Unauthorized, NotAllowed),
        MySqlErrorCode.NoSuchTable or MySqlErrorCode.BadFieldError => (BackendFailure.Rejected, NoTable),
        MySqlErrorCode.UnknownDatabase => (BackendFailure.Rejected, "there is no such database; create it or correct spec.sql.database."),
        MySqlErrorCode.LockDeadlock or MySqlErrorCode.LockWaitTimeout or MySqlErrorCode.DuplicateKeyEntry => (BackendFailure.Busy, "another change was under way."),
        MySqlErrorCode.UnableToConnectToHost => Unreachable(problem),
        MySqlErrorCode.CommandTimeoutExpired => (BackendFailure.Unavailable, "it did not answer in time."),
        _ when problem.IsTransient => (BackendFailure.Unavailable, problem.Message),
        MySqlErrorCode.DataTooLong => (BackendFailure.Rejected, problem.Message),
        _ => (BackendFailure.Unavailable, problem.Message),
    };
}
