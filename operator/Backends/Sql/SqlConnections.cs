using System.Data.Common;
using MailOperator.Api;

namespace MailOperator.Backends.Sql;

/// <summary>
/// The pool of connections to one database, under the credentials of a Secret. New credentials in the Secret make a new
/// pool; what still uses the old one ends its work there.
/// </summary>
internal sealed class SqlConnections(SqlSpec spec, SqlEngine engine, IBackendSecrets secrets) : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private DbDataSource? _pool;
    private SqlCredentials? _credentials;

    /// <summary>Runs work on a connection. Where the credentials are refused it tries those that the Secret holds now.</summary>
    /// <exception cref="MailBackendException">The database did not do it.</exception>
    public async Task<T> UseAsync<T>(Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        SqlCredentials? before = _credentials;
        try
        {
            return await UseOnceAsync(work, cancellationToken);
        }
        catch (MailBackendException e) when (e.Failure == BackendFailure.Unauthorized && before is not null)
        {
            await RefreshAsync(cancellationToken);
            if (before == _credentials)
            {
                throw;
            }
        }

        return await UseOnceAsync(work, cancellationToken);
    }

    /// <summary>Reads the Secret again.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        SqlCredentials credentials = await ReadCredentialsAsync(cancellationToken);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (credentials == _credentials)
            {
                return;
            }

            DbDataSource? old = _pool;
            _pool = engine.Connect(spec, credentials);
            _credentials = credentials;
            if (old is not null)
            {
                await old.DisposeAsync(); // connections in use are closed when they come back
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_pool is { } pool)
        {
            await pool.DisposeAsync();
        }

        _gate.Dispose();
    }

    private async Task<T> UseOnceAsync<T>(Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        if (_pool is null)
        {
            await RefreshAsync(cancellationToken);
        }

        try
        {
            await using DbConnection connection = await _pool!.OpenConnectionAsync(cancellationToken);
            return await work(connection, cancellationToken);
        }
        catch (ObjectDisposedException e)
        {
            throw new MailBackendException(BackendFailure.Busy, "The credentials of the database have just changed.", e);
        }
        catch (Exception e) when (e is DbException or TimeoutException or IOException or System.Net.Sockets.SocketException or System.Security.Authentication.AuthenticationException)
        {
            throw engine.Failure(e, spec);
        }
    }

    private async Task<SqlCredentials> ReadCredentialsAsync(CancellationToken cancellationToken)
    {
        BackendSecret secret = await secrets.ReadAsync(spec.CredentialsSecret.Name, "the database", cancellationToken);
        return secret.Value("username") is { } username && secret.Value("password") is { } password
            ? new SqlCredentials(username, password)
            : throw new MailBackendException(
                BackendFailure.Unauthorized, $"Secret {secret.Key} needs the keys 'username' and 'password' for the database; add what is missing.");
    }
}

/// <summary>Who the operator is at the database.</summary>
/// <param name="Username">Name of its role.</param>
/// <param name="Secret">The role's password.</param>
internal sealed record SqlCredentials(string Username, string Secret)
{
    /// <summary>A record would print both.</summary>
    public override string ToString() => Username;
}
