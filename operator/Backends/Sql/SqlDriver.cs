using System.Text.RegularExpressions;
using MailOperator.Api;

namespace MailOperator.Backends.Sql;

/// <summary><c>spec.sql</c>: a table of PostgreSQL, MySQL or MariaDB.</summary>
internal sealed partial class SqlDriver(IBackendSecrets secrets) : IMailBackendDriver
{
    public string Key => "sql";

    public ClientSpec? PublicClient => null;

    public object? SpecOf(MailBackendSpec spec) => spec.Sql;

    public IEnumerable<string> Validate(MailBackendSpec spec)
    {
        SqlSpec sql = spec.Sql!;
        if (Uri.CheckHostName(sql.Host) == UriHostNameType.Unknown)
        {
            yield return $"spec.sql.host '{sql.Host}' is not the name or the address of a host";
        }

        if (sql.Port is < 1 or > 65535)
        {
            yield return $"spec.sql.port {sql.Port} must be 1 to 65535";
        }

        if (!DatabaseName().IsMatch(sql.Database))
        {
            yield return $"spec.sql.database '{sql.Database}' is not the name of a database: "
                + "1 to 63 letters, digits or _.-";
        }

        if (!ObjectNames.IsValid(sql.CredentialsSecret.Name))
        {
            yield return $"spec.sql.credentialsSecret names '{sql.CredentialsSecret.Name}', which is not a valid "
                + "name of a Secret";
        }

        if (sql.MaxConnections is < 1 or > 64)
        {
            yield return $"spec.sql.maxConnections {sql.MaxConnections} must be 1 to 64";
        }

        if (CaBundle.Problem(sql.CaBundle) is { } problem)
        {
            yield return $"spec.sql.caBundle {problem}";
        }
    }

    public IMailBackend Create(MailBackendSpec spec)
    {
        var engine = SqlEngine.Of(spec.Sql!.Engine);
        return new SqlBackend(new SqlConnections(spec.Sql, engine, secrets), engine);
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex DatabaseName();
}
