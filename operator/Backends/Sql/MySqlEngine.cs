using System.Data.Common;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MySqlConnector;

namespace MailOperator.Backends.Sql;

/// <summary>MySQL and MariaDB, with MySqlConnector.</summary>
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
            // The callback below verifies, which the driver allows in this mode only.
            SslMode = tls switch
            {
                SqlTls.Disabled => MySqlSslMode.None,
                _ => MySqlSslMode.Required,
            },
            ConnectionTimeout = ConnectSeconds,
            DefaultCommandTimeout = CommandSeconds,
            MaximumPoolSize = (uint)(spec.MaxConnections ?? DefaultConnections),
            ConnectionIdleTimeout = 60,
            DateTimeKind = MySqlDateTimeKind.Utc,
            // Without TLS, the server's public key is the only way to send the password encrypted.
            AllowPublicKeyRetrieval = tls == SqlTls.Disabled,
        };
        var builder = new MySqlDataSourceBuilder(settings.ConnectionString);
        if (tls == SqlTls.VerifyFull)
        {
            builder.UseRemoteCertificateValidationCallback(ServerCertificates.Verifier(CaBundle.Read(spec.CaBundle)));
        }

        return builder.Build();
    }

    public override bool IsDuplicate(DbException error) =>
        error is MySqlException { ErrorCode: MySqlErrorCode.DuplicateKeyEntry };

    protected override (BackendFailure Failure, string What) Judge(Exception error) =>
        error is MySqlException problem ? Judge(problem) : Unreachable(error);

    private static (BackendFailure Failure, string What) Judge(MySqlException problem) => problem.ErrorCode switch
    {
        MySqlErrorCode.AccessDenied => (BackendFailure.Unauthorized, Refused),
        MySqlErrorCode.DatabaseAccessDenied or MySqlErrorCode.TableAccessDenied or MySqlErrorCode.ColumnAccessDenied =>
            (BackendFailure.Unauthorized, NotAllowed),
        MySqlErrorCode.NoSuchTable or MySqlErrorCode.BadFieldError => (BackendFailure.Rejected, NoTable),
        MySqlErrorCode.UnknownDatabase => (BackendFailure.Rejected, NoDatabase),
        MySqlErrorCode.LockDeadlock or MySqlErrorCode.LockWaitTimeout or MySqlErrorCode.DuplicateKeyEntry =>
            (BackendFailure.Busy, Conflict),
        MySqlErrorCode.OptionPreventsStatement or MySqlErrorCode.CannotExecuteInReadOnlyTransaction =>
            (BackendFailure.Unavailable, ReadOnly),
        MySqlErrorCode.UnableToConnectToHost => Unreachable(problem),
        MySqlErrorCode.CommandTimeoutExpired => (BackendFailure.Unavailable, "it did not answer in time."),
        _ when problem.IsTransient => (BackendFailure.Unavailable, problem.Message),
        MySqlErrorCode.DataTooLong => (BackendFailure.Rejected, problem.Message),
        _ => (BackendFailure.Unavailable, problem.Message),
    };
}
