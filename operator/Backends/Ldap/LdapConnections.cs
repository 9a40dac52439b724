using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using MailOperator.Api;
using MailOperator.Backends.Ldap.Protocol;

namespace MailOperator.Backends.Ldap;

/// <summary>The pool of connections to one directory, under one set of credentials.</summary>
/// <param name="spec">The directory.</param>
/// <param name="credentials">Who the operator is there.</param>
/// <param name="places">One for each connection that may be in use, of all pools of this directory. Not disposed of.</param>
internal sealed class LdapConnections(LdapSpec spec, LdapCredentials credentials, SemaphoreSlim places) : IAsyncDisposable
{
    /// <summary>Connections in use at a time, if the spec says nothing.</summary>
    public const int DefaultConnections = 8;

    /// <summary>Until a connection that is being made has failed.</summary>
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(5);

    /// <summary>Until the work on it has failed.</summary>
    private static readonly TimeSpan WorkTime = TimeSpan.FromSeconds(10);

    private readonly LdapAddress _address = LdapAddress.Parse(spec.Url) ?? throw new ArgumentException("It was not validated.", nameof(spec));
    private readonly ConcurrentStack<LdapConnection> _idle = new();
    private volatile bool _isDisposed;

    /// <summary>Runs work, which must be repeatable, on a connection.</summary>
    /// <exception cref="LdapException">The directory refused the work.</exception>
    /// <exception cref="MailBackendException">The directory was not reached, or did not let the operator in.</exception>
    public async Task<T> UseAsync<T>(Func<LdapConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken);
        try
        {
            while (_idle.TryPop(out LdapConnection? idle))
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

            return await RunAsync(await ConnectAsync(cancellationToken), work, cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException or TimeoutException or AuthenticationException or ObjectDisposedException)
        {
            throw LdapFailures.Of(e, _address);
        }
        finally
        {
            places.Release();
        }
    }

    /// <summary>Ends the idle connections; one that is in use ends with its work.</summary>
    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        while (_idle.TryPop(out LdapConnection? idle))
        {
            await idle.DisposeAsync();
        }
    }

    private async Task<T> RunAsync<T>(LdapConnection connection, Func<LdapConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        bool isClean = false;
        try
        {
            T result = await WithinAsync(WorkTime, token => work(connection, token), cancellationToken);
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
            if (isClean)
            {
                _idle.Push(connection);
            }
            else
            {
                await connection.DisposeAsync();
            }

            if (_isDisposed)
            {
                await DisposeAsync();
            }
        }
    }

    private async Task<LdapConnection> ConnectAsync(CancellationToken cancellationToken)
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
            return connection!;
        }
        catch (Exception e)
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }

            if (e is LdapException)
            {
                throw LdapFailures.Of(e, _address, credentials.Secret);
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
}
