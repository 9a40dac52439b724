using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailServers;
using MimeKit;

namespace MailOperator.DeviceInvitations.Delivery;

/// <summary>Hands the mail with the link to the relay.</summary>
internal interface IInvitationMailer
{
    /// <summary>A failure is part of the result and not an exception.</summary>
    Task<DeliveryResult> SendAsync(SmtpRelay relay, MimeMessage message, CancellationToken cancellationToken);
}

/// <summary>Sends with MailKit. Logs nothing of what is sent, and turns MailKit's exceptions into results.</summary>
internal sealed class InvitationMailer(IBackendSecrets secrets, TimeProvider clock) : IInvitationMailer
{
    /// <summary>Shorter than the timeout of a reconcile.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public async Task<DeliveryResult> SendAsync(
        SmtpRelay relay, MimeMessage message, CancellationToken cancellationToken)
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
        BackendSecret? credentials = relay.CredentialsSecret is { } name
            ? await secrets.ReadAsync(name, $"the relay {relay}", cancellationToken)
            : null;
        using var client = new VerifiedSmtpClient(ServerCertificates.Policy(relay.Authorities));
        client.ServerCertificateValidationCallback = static (_, _, _, errors) => errors == SslPolicyErrors.None;
        client.CheckCertificateRevocation = false; // a private CA seldom publishes revocations
        await client.ConnectAsync(relay.Host, relay.Port, Security(relay.Security), cancellationToken);
        if (credentials is not null)
        {
            await client.AuthenticateAsync(
                credentials.Value("username") ?? throw Missing(credentials, "username"),
                credentials.Value("password") ?? throw Missing(credentials, "password"),
                cancellationToken);
        }

        await client.SendAsync(message, cancellationToken);
        await client.DisconnectAsync(quit: true, cancellationToken);
    }

    // A server's answer to a login may repeat the credentials, so no answer becomes part of a message.
    private static string? Problem(Exception e, SmtpRelay relay) => e switch
    {
        MailBackendException => e.Message.TrimEnd('.'),
        AuthenticationException =>
            $"{relay} rejects the credentials in Secret '{relay.CredentialsSecret}' of the operator's namespace",
        SslHandshakeException { ServerCertificate: X509Certificate2 certificate }
            when !certificate.MatchesHostname(relay.Host) =>
            $"the certificate of {relay} is not for the name '{relay.Host}'; the platform team sets config.smtp.host "
            + "(Smtp:Host) to a name that the certificate is for",
        SslHandshakeException { ServerCertificate: { } certificate }
            when ServerCertificates.UseProblem(certificate) is { } problem =>
            $"the certificate of {relay} is not accepted: {problem}",
        SslHandshakeException { ServerCertificate: not null } =>
            $"the certificate of {relay} has expired or is not trusted; if a private CA issued it, the platform team "
            + "sets config.smtp.caBundle (Smtp:CaBundle) to that CA's certificate",
        SslHandshakeException =>
            $"{relay} does not speak TLS on this port; the platform team corrects config.smtp.port or "
            + "config.smtp.security",
        NotSupportedException => $"{relay} does not offer STARTTLS, or no login with a password",
        SocketException socket => $"no connection to {relay} ({socket.SocketErrorCode})",
        SmtpCommandException rejected =>
            $"{relay} rejects the mail ({(int)rejected.StatusCode}, {rejected.ErrorCode})",
        IOException or ProtocolException or ServiceNotConnectedException or ServiceNotAuthenticatedException
            or InvalidOperationException => $"{relay} closed the connection or does not speak SMTP",
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
