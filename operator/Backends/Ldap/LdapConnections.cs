using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using MailOperator.Api;
using MailOperator.Backends.Ldap.Protocol;

namespace MailOperator.Backends.Ldap;

/// <summary>
/// The pool of connections to one directory, under the credentials of a Secret. New credentials in the Secret make new
/// connections; what still uses an old one ends its work there.
/// </summary>
internal sealed class LdapConnections(LdapSpec spec, IBackendSecrets secrets) : IAsyncDisposable
{
    private const int DefaultConnections = 8;

    /// <summary>Until a connection that is being made has failed.</summary>
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(5);

    /// <summary>Until the work on it has failed.</summary>
    private static readonly TimeSpan WorkTime = TimeSpan.FromSeconds(10);

    private readonly LdapAddress _address = LdapAddress.Parse(spec.Url) ?? throw new ArgumentException("It was not validated.", nameof(spec));
    private readonly SemaphoreSlim _places = new(spec.MaxConnections ?? DefaultConnections);
    private readonly ConcurrentStack<Bound> _idle = new();
    private volatile LdapCredentials? _credentials;
    private volatile bool _isDisposed;

    /// <summary>Runs work, which must be repeatable, on a connection. Where the credentials are refused it tries those that the Secret holds now.</summary>
    /// <exception cref="LdapException">The directory refused the work.</exception>
    /// <exception cref="MailBackendException">The directory was not reached, or did not let the operator in.</exception>
    public async Task<T> UseAsync<T>(Func<LdapConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        LdapCredentials? before = _credentials;
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
        BackendSecret secret = await secrets.ReadAsync(spec.BindSecret.Name, "the directory", cancellationToken);
        _credentials = secret.Value("username") is { } username && secret.Value("password") is { } password
            ? new LdapCredentials(username, password)
            : throw new MailBackendException(
                BackendFailure.Unauthorized, $"Secret {secret.Key} needs the keys 'username', a DN, and 'password' for the directory; add what is missing.");
    }

    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        while (_idle.TryPop(out Bound? idle))
        {
            await idle.Connection.DisposeAsync();
        }
    }

    private async Task<T> UseOnceAsync<T>(Func<LdapConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        if (_credentials is null)
        {
            await RefreshAsync(cancellationToken);
        }

        await _places.WaitAsync(cancellationToken);
        try
        {
            while (TakeIdle() is { } idle)
            {
                try
                {
                    return await RunAsync(idle, work, cancellationToken);
                }
                catch (Exception e) when (e is IOException or SocketException)
                {
                    // The directory ended it while nobody used it, or now. A new connection will tell.
                }
            }

            return await RunAsync(await ConnectAsync(_credentials!, cancellationToken), work, cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException or TimeoutException or AuthenticationException or ObjectDisposedException)
        {
            throw LdapFailures.Of(e, _address);
        }
        finally
        {
            _places.Release();
        }
    }

    private Bound? TakeIdle()
    {
        while (_idle.TryPop(out Bound? idle))
        {
            if (idle.Credentials == _credentials)
            {
                return idle;
            }

            _ = idle.Connection.DisposeAsync().AsTask();
        }

        return null;
    }

    private async Task<T> RunAsync<T>(Bound bound, Func<LdapConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        bool isClean = false;
        try
        {
            T result = await WithinAsync(WorkTime, token => work(bound.Connection, token), cancellationToken);
            isClean = true;
            return result;
        }
        catch (LdapException)
        {
            isClean = true; // it has answered
            throw;
        }
        finally
        {
            if (isClean && !_isDisposed)
            {
                _idle.Push(bound);
            }
            else
            {
                await bound.Connection.DisposeAsync();
            }
        }
    }

    private async Task<Bound> ConnectAsync(LdapCredentials credentials, CancellationToken cancellationToken)
    {
        LdapConnection? connection = null;
        try
        {
            await WithinAsync(
                ConnectTime,
                async token =>
                {
                    connection = await LdapConnection.ConnectAsync(_address.Host, _address.Port, token);
                    if (spec.Tls != LdapTls.Disabled)
                    {
                        await connection.EncryptAsync(Verification(), asks: !_address.IsEncrypted, token);
                    }

                    await connection.RunAsync(new BindOperation(credentials.Dn, credentials.Secret), token);
                    return true;
                },
                cancellationToken);
            return new Bound(connection!, credentials);
        }
        catch (Exception e)
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }

            if (e is LdapException)
            {
                throw LdapFailures.Of(e, _address);
            }

            throw;
        }
    }

    private SslClientAuthenticationOptions Verification() => new()
    {
        TargetHost = _address.Host,
        RemoteCertificateValidationCallback = spec.Tls == LdapTls.Required
#pragma warning disable CA5359 // that is what Required says
            ? static (_, _, _, _) => true
#pragma warning restore CA5359
            : CaBundle.Read(spec.CaBundle) is { Count: > 0 } roots ? CaBundle.Verifier(roots) : null,
    };

    private static async Task<T> WithinAsync<T>(TimeSpan time, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(time);
        try
        {
            return await work(deadline.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The directory did not answer in time.", e);
        }
    }

    private sealed record Bound(LdapConnection Connection, LdapCredentials Credentials);
}

/// <summary>Who the operator is at the directory.</summary>
/// <param name="Dn">Its entry.</param>
/// <param name="Secret">The entry's password.</param>
internal sealed record LdapCredentials(string Dn, string Secret)
{
    /// <summary>A record would print both.</summary>
    public override string ToString() => Dn;
}
