using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MailOperator.Api;
using MailOperator.Backends;
using MimeKit;

namespace MailOperator.DeviceInvitations.Delivery;

/// <summary>Hands the mail with the link to the relay.</summary>
internal interface IInvitationMailer
{
    Task<DeliveryResult> SendAsync(SmtpRelay relay, MimeMessage message, CancellationToken cancellationToken);
}

/// <summary>By MailKit. Nothing of what is sent is logged, and no exception of it gets out.</summary>
internal sealed class InvitationMailer(IBackendSecrets secrets, TimeProvider clock) : IInvitationMailer
{
    /// <summary>Shorter than a pass may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public async Task<DeliveryResult> SendAsync(SmtpRelay relay, MimeMessage message, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(Patience, clock);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            await HandOverAsync(relay, message, deadline.Token);
            return new DeliveryResult(null, relay.ToString());
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new DeliveryResult($"{relay} gave no answer within {Patience.TotalSeconds:0} s", relay.ToString());
        }
        catch (Exception e) when (Problem(e, relay) is { } problem)
        {
            return new DeliveryResult(problem, relay.ToString());
        }
    }

    private async Task HandOverAsync(SmtpRelay relay, MimeMessage message, CancellationToken cancellationToken)
    {
        BackendSecret? credentials = relay.CredentialsSecret is { } name ? await secrets.ReadAsync(name, $"the relay {relay}", cancellationToken) : null;
        using var client = new SmtpClient();
        client.ServerCertificateValidationCallback =
            relay.Authorities.Count > 0 ? CaBundle.Verifier(relay.Authorities) : static (_, _, _, errors) => errors == SslPolicyErrors.None;
        client.CheckCertificateRevocation = false; // an authority of one's own seldom publishes any
        await client.ConnectAsync(relay.Host, relay.Port, Security(relay.Security), cancellationToken);
        if (credentials is not null)
        {
            await client.AuthenticateAsync(
                credentials.Value("username") ?? throw Missing(credentials, "username"), credentials.Value("password") ?? throw Missing(credentials, "password"), cancellationToken);
        }

        await client.SendAsync(message, cancellationToken);
        await client.DisconnectAsync(quit: true, cancellationToken);
    }

    // What a server says to a login may repeat what it was told, so it is not passed on.
    private static string? Problem(Exception e, SmtpRelay relay) => e switch
    {
        MailBackendException => e.Message.TrimEnd('.'),
        AuthenticationException => $"{relay} refuses the credentials in Secret '{relay.CredentialsSecret}' of the operator's namespace",
        SslHandshakeException { ServerCertificate: X509Certificate2 certificate } when !certificate.MatchesHostname(relay.Host) =>
            $"the certificate of {relay} is not for the name '{relay.Host}'; the platform team sets config.smtp.host (Smtp:Host) to a name that it is for",
        SslHandshakeException { ServerCertificate: not null } =>
            $"the certificate of {relay} has ended or is not trusted; where an authority of your own made it, the platform team sets config.smtp.caBundle (Smtp:CaBundle) to that one's certificate",
        SslHandshakeException => $"{relay} speaks no TLS there; the platform team sees to config.smtp.port and config.smtp.security",
        NotSupportedException => $"{relay} offers no STARTTLS, or no way to log in with a password",
        SocketException socket => $"no connection to {relay} ({socket.SocketErrorCode})",
        SmtpCommandException refused => $"{relay} refuses the mail ({(int)refused.StatusCode}, {refused.ErrorCode})",
        IOException or ProtocolException or ServiceNotConnectedException or ServiceNotAuthenticatedException or InvalidOperationException => $"{relay} hung up, or does not speak SMTP",
        _ => null,
    };

    private static MailBackendException Missing(BackendSecret secret, string key) =>
        new(BackendFailure.Unauthorized, $"Secret {secret.Key} with the credentials for the relay has no '{key}'");

    private static SecureSocketOptions Security(ConnectionSecurity security) => security switch
    {
        ConnectionSecurity.TLS => SecureSocketOptions.SslOnConnect,
        ConnectionSecurity.STARTTLS => SecureSocketOptions.StartTls,
        _ => SecureSocketOptions.None,
    };
}
