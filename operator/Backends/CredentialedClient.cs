namespace MailOperator.Backends;

/// <summary>
/// The client of a mail system's server, with the credentials of a Secret. New credentials in the Secret make a new
/// client; work on the old one finishes there or is told to retry.
/// </summary>
/// <param name="read">Reads the credentials as they are now.</param>
/// <param name="connect">Makes a client for them.</param>
internal sealed class CredentialedClient<TCredentials, TClient>(
    Func<CancellationToken, Task<TCredentials>> read, Func<TCredentials, TClient> connect) : IAsyncDisposable
    where TCredentials : class, IEquatable<TCredentials>
    where TClient : class, IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile TClient? _client;
    private volatile TCredentials? _credentials;
    private volatile bool _isDisposed;

    /// <summary>
    /// Runs work with the client. If the credentials are refused, tries once more with what the Secret holds now.
    /// </summary>
    /// <exception cref="MailBackendException">The work failed.</exception>
    public async Task<T> UseAsync<T>(
        Func<TClient, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
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
    /// <exception cref="MailBackendException">There are no usable credentials, or the client was replaced.</exception>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            ThrowIfDisposed();
            // One at a time: a slow reader would put old credentials back.
            TCredentials credentials = await read(cancellationToken);
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

    /// <summary>Disposes the client. Later and waiting callers are told to retry.</summary>
    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync(); // never disposed: a caller may be waiting for it
        try
        {
            _isDisposed = true;
            if (_client is { } client)
            {
                await client.DisposeAsync();
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<TClient> ClientAsync(CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        if (_client is null)
        {
            await RefreshAsync(cancellationToken);
        }

        return _client!;
    }

    private void ThrowIfDisposed()
    {
        if (_isDisposed)
        {
            throw MailBackendException.SettingsChanged();
        }
    }
}
