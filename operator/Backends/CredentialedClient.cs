namespace MailOperator.Backends;

/// <summary>
/// The client of a mail system's server, under the credentials of a Secret. New credentials in the Secret make a new
/// client; what still uses the old one ends its work there or is told to come back.
/// </summary>
/// <param name="read">Reads the credentials as they are now.</param>
/// <param name="connect">Makes a client for them.</param>
internal sealed class CredentialedClient<TCredentials, TClient>(
    Func<CancellationToken, Task<TCredentials>> read, Func<TCredentials, TClient> connect) : IAsyncDisposable
    where TCredentials : class, IEquatable<TCredentials>
    where TClient : class, IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private TClient? _client;
    private TCredentials? _credentials;

    /// <summary>Runs work with the client. Where the credentials are refused it tries those that the Secret holds now.</summary>
    /// <exception cref="MailBackendException">The server did not do it.</exception>
    public async Task<T> UseAsync<T>(Func<TClient, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        TCredentials? before = _credentials;
        try
        {
            return await work(await ClientAsync(cancellationToken), cancellationToken);
        }
        catch (MailBackendException e) when (e.Failure == BackendFailure.Unauthorized && before is not null)
        {
            await RefreshAsync(cancellationToken);
            if (before == _credentials)
            {
                throw;
            }
        }

        return await work(await ClientAsync(cancellationToken), cancellationToken);
    }

    /// <summary>Reads the Secret again.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        TCredentials credentials = await read(cancellationToken);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (credentials.Equals(_credentials))
            {
                return;
            }

            TClient? old = _client;
            _client = connect(credentials);
            _credentials = credentials;
            if (old is not null)
            {
                await old.DisposeAsync();
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is { } client)
        {
            await client.DisposeAsync();
        }

        _gate.Dispose();
    }

    private async Task<TClient> ClientAsync(CancellationToken cancellationToken)
    {
        if (_client is null)
        {
            await RefreshAsync(cancellationToken);
        }

        return _client!;
    }
}
