using System.Data.Common;
using MailOperator.Api;

namespace MailOperator.Backends.Sql;

/// <summary>What differs between database systems: how to connect, and what their errors mean.</summary>
internal abstract class SqlEngine
{
    /// <summary>Seconds until a connection that is being made has failed.</summary>
    protected const int ConnectSeconds = 5;

    /// <summary>Seconds until a statement has failed.</summary>
    protected const int CommandSeconds = 10;

    protected const int DefaultConnections = 8;

    public static SqlEngine Of(SqlEngineKind kind) => kind == SqlEngineKind.PostgreSQL ? new PostgreSqlEngine() : new MySqlEngine();

    public abstract int DefaultPort { get; }

    public abstract DbDataSource Connect(SqlSpec spec, SqlCredentials credentials);

    /// <summary>Whether a row of the same key is there.</summary>
    public abstract bool IsDuplicate(DbException error);

    public MailBackendException Failure(Exception error, SqlSpec spec)
    {
        (BackendFailure failure, string what) = Judge(error);
        // Without the driver's exception: what it holds in detail may be a row, and so a hash.
        return new MailBackendException(failure, $"Database '{spec.Database}' at {spec.Host}:{spec.Port ?? DefaultPort}: {what}");
    }

    /// <summary>Which kind of failure, and what to say of it and do about it.</summary>
    protected abstract (BackendFailure Failure, string What) Judge(Exception error);

    protected static (BackendFailure Failure, string What) Unreachable(Exception error) => error.GetBaseException() switch
    {
        System.Security.Authentication.AuthenticationException tls => (BackendFailure.Unauthorized, $"its TLS certificate is not accepted: {tls.Message} Correct spec.sql.caBundle or spec.sql.host."),
        TimeoutException => (BackendFailure.Unavailable, "it did not answer in time."),
        var cause => (BackendFailure.Unavailable, $"it cannot be reached: {cause.Message}"),
    };

    protected const string NoTable = "the tables of Mail Operator are not there; apply the schema file of this version.";
    protected const string NotAllowed = "the operator's role may not do this; it needs SELECT, INSERT, UPDATE and DELETE on the tables of Mail Operator.";
    protected const string Refused = "it does not accept the user name and password; correct the Secret that spec.sql.credentialsSecret names.";
}
