using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using MailOperator.Api;
using MailOperator.Backends.Ldap.Protocol;
using MailOperator.Kubernetes;

namespace MailOperator.Backends.Ldap;

/// <summary>The pool of connections to one directory, with one set of credentials.</summary>
/// <param name="spec">The directory.</param>
/// <param name="credentials">The operator's credentials.</param>
/// <param name="places">Limits the connections in use, over all pools of this directory. Not disposed.</param>
internal sealed class LdapConnections(LdapSpec spec, LdapCredentials credentials, SemaphoreSlim places)
    : IAsyncDisposable
{
    /// <summary>Connections in use at a time, if the spec sets no limit.</summary>
    public const int DefaultConnections = 8;

    /// <summary>Timeout for making a connection.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Timeout for the work on a connection.</summary>
    private static readonly TimeSpan WorkTimeout = TimeSpan.FromSeconds(10);

    private readonly LdapAddress _address =
        LdapAddress.Parse(spec.Url) ?? throw new ArgumentException("The spec was not validated.", nameof(spec));
    private readonly ConcurrentStack<LdapConnection> _idle = new();
    private volatile bool _isDisposed;

    /// <summary>Runs work, which must be idempotent, on a connection.</summary>
    /// <exception cref="LdapException">The directory refused the work.</exception>
    /// <exception cref="MailBackendException">The directory could not be reached, or refused the
    /// credentials.</exception>
    public async Task<T> UseAsync<T>(
        Func<LdapConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
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
                    // The directory closed the idle connection, or fails now: a new connection shows which.
                }
            }

            return await RunAsync(await ConnectAsync(cancellationToken), work, cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException or TimeoutException
            or AuthenticationException or ObjectDisposedException)
        {
            throw LdapFailures.Of(e, _address);
        }
        finally
        {
            places.Release();
        }
    }

    /// <summary>Closes the idle connections; one in use is closed after its work.</summary>
    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        while (_idle.TryPop(out LdapConnection? idle))
        {
            await idle.DisposeAsync();
        }
    }

    private async Task<T> RunAsync<T>(
        LdapConnection connection,
        Func<LdapConnection, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken)
    {
        bool isClean = false;
        try
        {
            T result = await WithinAsync(WorkTimeout, token => work(connection, token), cancellationToken);
            isClean = true;
            return result;
        }
        catch (LdapException)
        {
            isClean = true; // it answered, so nothing is pending
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
                ConnectTimeout,
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
#pragma warning disable CA5359 // Required means encrypted but not verified
            ? static (_, _, _, _) => true
#pragma warning restore CA5359
            : null,
        CertificateChainPolicy = ServerCertificates.Policy(CaBundle.Read(spec.CaBundle)),
    };

    private static async Task<T> WithinAsync<T>(
        TimeSpan timeout, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
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
