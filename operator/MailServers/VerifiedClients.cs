using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MailKit.Net.Imap;
using MailKit.Net.Pop3;
using MailKit.Net.Smtp;

namespace MailOperator.MailServers;

/// <summary>MailKit's client, with the policy by which every certificate is verified.</summary>
/// <param name="policy">See <see cref="Kubernetes.ServerCertificates.Policy"/>.</param>
internal sealed class VerifiedImapClient(X509ChainPolicy policy) : ImapClient
{
    protected override SslClientAuthenticationOptions GetSslClientAuthenticationOptions(
        string host, RemoteCertificateValidationCallback remoteCertificateValidationCallback) =>
        base.GetSslClientAuthenticationOptions(host, remoteCertificateValidationCallback).By(policy);
}

/// <inheritdoc cref="VerifiedImapClient"/>
internal sealed class VerifiedPop3Client(X509ChainPolicy policy) : Pop3Client
{
    protected override SslClientAuthenticationOptions GetSslClientAuthenticationOptions(
        string host, RemoteCertificateValidationCallback remoteCertificateValidationCallback) =>
        base.GetSslClientAuthenticationOptions(host, remoteCertificateValidationCallback).By(policy);
}

/// <inheritdoc cref="VerifiedImapClient"/>
internal sealed class VerifiedSmtpClient(X509ChainPolicy policy) : SmtpClient
{
    protected override SslClientAuthenticationOptions GetSslClientAuthenticationOptions(
        string host, RemoteCertificateValidationCallback remoteCertificateValidationCallback) =>
        base.GetSslClientAuthenticationOptions(host, remoteCertificateValidationCallback).By(policy);
}

file static class OptionsExtensions
{
    public static SslClientAuthenticationOptions By(this SslClientAuthenticationOptions options, X509ChainPolicy policy)
    {
        options.CertificateChainPolicy = policy;
        return options;
    }
}
