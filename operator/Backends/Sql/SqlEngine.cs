using System.Data.Common;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Backends.Sql;

/// <summary>The differences between database systems: how to connect, and what their errors mean.</summary>
internal abstract class SqlEngine
{
    /// <summary>Timeout for making a connection, in seconds.</summary>
    protected const int ConnectSeconds = 5;

    /// <summary>Timeout for a statement, in seconds.</summary>
    protected const int CommandSeconds = 10;

    protected const int DefaultConnections = 8;

    public static SqlEngine Of(SqlEngineKind kind) =>
        kind == SqlEngineKind.PostgreSQL ? new PostgreSqlEngine() : new MySqlEngine();

    public abstract int DefaultPort { get; }

    public abstract DbDataSource Connect(SqlSpec spec, SqlCredentials credentials);

    /// <summary>Whether a row with the same key exists.</summary>
    public abstract bool IsDuplicate(DbException error);

    public MailBackendException Failure(Exception error, SqlSpec spec)
    {
        (BackendFailure failure, string what) = Judge(error);
        // Without the driver's exception: its details may quote a row with a hash.
        return new MailBackendException(
            failure, $"Database '{spec.Database}' at {spec.Host}:{spec.Port ?? DefaultPort}: {what}");
    }

    /// <summary>Classifies an error, and says what to do about it.</summary>
    protected abstract (BackendFailure Failure, string What) Judge(Exception error);

    protected static (BackendFailure Failure, string What) Unreachable(Exception error) =>
        error.GetBaseException() switch
        {
            System.Security.Authentication.AuthenticationException tls => (
                BackendFailure.Unauthorized,
                $"its TLS certificate is not accepted: {ServerCertificates.Words(tls)} Correct spec.sql.caBundle or "
                + "spec.sql.host."),
            TimeoutException => (BackendFailure.Unavailable, "it did not answer in time."),
            var cause => (BackendFailure.Unavailable, $"it cannot be reached: {cause.Message}"),
        };

    protected const string Conflict = "another change was under way.";
    protected const string NoDatabase = "there is no such database; create it or correct spec.sql.database.";
    protected const string NoTable = "the tables of Mail Operator do not exist; apply the schema file of this version.";
    protected const string NotAllowed =
        "the operator's role may not do this; it needs SELECT, INSERT, UPDATE and DELETE on the tables "
        + "of Mail Operator.";
    protected const string ReadOnly =
        "it takes no changes: it is read-only, in recovery, or a replica; set spec.sql.host to the primary.";
    protected const string Refused =
        "it does not accept the user name and password; correct the Secret that spec.sql.credentialsSecret names.";
}
