using System.Net.Sockets;
using System.Security.Authentication;
using MailOperator.Backends.Ldap.Protocol;

namespace MailOperator.Backends.Ldap;

/// <summary>What a directory's refusals mean, and what to do about them.</summary>
internal static class LdapFailures
{
    private const int LongestQuote = 200;

    public static MailBackendException Of(Exception error, LdapAddress address)
    {
        (BackendFailure failure, string what) = error is LdapException refusal ? Judge(refusal) : Unreachable(error);
        return new MailBackendException(failure, $"The directory at {address}: {what}");
    }

    private static (BackendFailure Failure, string What) Judge(LdapException refusal) => refusal.Code switch
    {
        LdapCode.InvalidCredentials or LdapCode.InappropriateAuthentication =>
            (BackendFailure.Unauthorized, "it does not accept the DN and the password; correct the Secret that spec.ldap.bindSecret names."),
        LdapCode.InvalidDnSyntax => (BackendFailure.Rejected, $"it cannot read a DN; correct spec.ldap or the username in the Secret.{Quote(refusal)}"),
        LdapCode.InsufficientAccessRights =>
            (BackendFailure.Unauthorized, $"the operator's entry may not do this; it needs the right to write below spec.ldap.baseDN.{Quote(refusal)}"),
        LdapCode.StrongerAuthRequired or LdapCode.ConfidentialityRequired =>
            (BackendFailure.Unauthorized, $"it wants an encrypted connection; take spec.ldap.tls: Disabled away.{Quote(refusal)}"),
        LdapCode.NoSuchObject => (BackendFailure.Rejected, "spec.ldap.baseDN is not there, or the operator's entry may not read it; add it, or give the right."),
        LdapCode.UndefinedAttributeType or LdapCode.ObjectClassViolation or LdapCode.InvalidAttributeSyntax or LdapCode.NamingViolation =>
            (BackendFailure.Rejected, $"it does not know what an app password is made of; load the schema of this version, and the overlay ppolicy for spec.ldap.passwordPolicy.{Quote(refusal)}"),
        LdapCode.SizeLimitExceeded =>
            (BackendFailure.Rejected, "it does not give all of the entries; set olcLimits for the operator's entry to size=unlimited."),
        LdapCode.Referral => (BackendFailure.Rejected, "it is a copy that takes no changes; set spec.ldap.url to the directory that does."),
        LdapCode.ProtocolError or LdapCode.UnavailableCriticalExtension =>
            (BackendFailure.Rejected, $"it cannot do what the operator needs; set it up for TLS, or set spec.ldap.tls.{Quote(refusal)}"),
        LdapCode.ConstraintViolation or LdapCode.UnwillingToPerform => (BackendFailure.Rejected, $"it refuses this.{Quote(refusal)}"),
        _ => (BackendFailure.Unavailable, $"it failed with LDAP result {(int)refusal.Code}.{Quote(refusal)}"),
    };

    private static (BackendFailure Failure, string What) Unreachable(Exception error) => error switch
    {
        AuthenticationException tls => (BackendFailure.Unauthorized, $"its TLS certificate is not accepted: {tls.Message} Correct spec.ldap.caBundle or spec.ldap.url."),
        TimeoutException => (BackendFailure.Unavailable, "it did not answer in time."),
        EndOfStreamException => (BackendFailure.Unavailable, "it ended the connection."),
        SocketException or IOException => (BackendFailure.Unavailable, $"it cannot be reached: {error.GetBaseException().Message}"),
        _ => (BackendFailure.Unavailable, "it cannot be reached."),
    };

    /// <summary>What the server says; it quotes names of attributes and no values of passwords.</summary>
    private static string Quote(LdapException refusal)
    {
        string said = string.Concat(refusal.Message.Where(static letter => !char.IsControl(letter)).Take(LongestQuote)).Trim();
        return said.Length == 0 ? "" : $" It says: {said}";
    }
}
