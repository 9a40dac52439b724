using System.Data.Common;
using MailOperator.Api;

namespace MailOperator.Backends.Sql;

/// <summary>The pool of connections to one database, with the credentials of a Secret.</summary>
internal sealed class SqlConnections(SqlSpec spec, SqlEngine engine, IBackendSecrets secrets) : IAsyncDisposable
{
    private readonly CredentialedClient<SqlCredentials, DbDataSource> _pool = new(
        token => ReadCredentialsAsync(spec, secrets, token),
        credentials => engine.Connect(spec, credentials)); // connections in use are closed when they are returned

    /// <summary>
    /// Runs work on a connection. If the credentials are refused, tries once more with what the Secret holds now.
    /// </summary>
    /// <exception cref="MailBackendException">The work failed.</exception>
    public Task<T> UseAsync<T>(
        Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        _pool.UseAsync(
            async (pool, token) =>
            {
                // Npgsql completes a cancelled call only after it has asked the server to cancel it: with a stalled
                // server that takes up to twice the command timeout. So cancel it in the background, and do not
                // wait for it.
                var end = new CancellationTokenSource();
                await using CancellationTokenRegistration cancelled = token.UnsafeRegister(
                    static end => _ = ((CancellationTokenSource)end!).CancelAsync(), end);
                return await RunAsync(pool, work, end.Token).WaitAsync(token);
            },
            cancellationToken);

    /// <summary>Reads the Secret again.</summary>
    public Task RefreshAsync(CancellationToken cancellationToken) => _pool.RefreshAsync(cancellationToken);

    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    private async Task<T> RunAsync<T>(
        DbDataSource pool, Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            await using DbConnection connection = await pool.OpenConnectionAsync(cancellationToken);
            return await work(connection, cancellationToken);
        }
        catch (ObjectDisposedException e)
        {
            throw MailBackendException.SettingsChanged(e);
        }
        catch (Exception e) when (e is DbException or TimeoutException or IOException
            or System.Net.Sockets.SocketException or System.Security.Authentication.AuthenticationException)
        {
            throw engine.Failure(e, spec);
        }
    }

    private static async Task<SqlCredentials> ReadCredentialsAsync(
        SqlSpec spec, IBackendSecrets secrets, CancellationToken cancellationToken)
    {
        BackendSecret secret = await secrets.ReadAsync(spec.CredentialsSecret.Name, "the database", cancellationToken);
        if (secret.Value("username") is not { } username || secret.Value("password") is not { } password)
        {
            throw MailBackendException.SecretIncomplete(
                $"Secret {secret.Key} needs the keys 'username' and 'password' for the database; add what is missing.");
        }

        return username.Contains('\0') || password.Contains('\0') // no driver sends them
            ? throw MailBackendException.SecretIncomplete(
                $"Secret {secret.Key} has a null byte in 'username' or 'password'; correct what is wrong.")
            : new SqlCredentials(username, password);
    }
}
