using System.Net.Sockets;
using System.Security.Authentication;
using MailOperator.Backends.Ldap.Protocol;
using MailOperator.Kubernetes;

namespace MailOperator.Backends.Ldap;

/// <summary>What failures of a directory mean, and what to do about them.</summary>
internal static class LdapFailures
{
    /// <param name="error">The failure.</param>
    /// <param name="address">The directory.</param>
    /// <param name="secrets">Secrets that were sent, which are removed from what the directory says.</param>
    public static MailBackendException Of(
        Exception error, LdapAddress address, params IReadOnlyCollection<string> secrets)
    {
        (BackendFailure failure, string what) = error is LdapException refusal
            ? Judge(refusal, secrets)
            : Unreachable(error);
        return new MailBackendException(failure, $"The directory at {address}: {what}");
    }

    private static (BackendFailure Failure, string What) Judge(
        LdapException refusal, IReadOnlyCollection<string> secrets) => refusal.Code switch
        {
            LdapCode.InvalidCredentials or LdapCode.InappropriateAuthentication =>
                (
                    BackendFailure.Unauthorized,
                    "it does not accept the DN and the password; correct the Secret that spec.ldap.bindSecret names."),
            LdapCode.InvalidDnSyntax => (
                BackendFailure.Rejected,
                "it cannot read a DN; correct spec.ldap or the username in the Secret, or load the schema "
                + "of this version."
                + Quote(refusal, secrets)),
            LdapCode.InsufficientAccessRights => (
                BackendFailure.Unauthorized,
                "the operator's entry may not do this; it needs the right to write below spec.ldap.baseDN."
                + Quote(refusal, secrets)),
            LdapCode.StrongerAuthRequired or LdapCode.ConfidentialityRequired =>
                (
                    BackendFailure.Unauthorized,
                    $"it requires an encrypted connection; remove spec.ldap.tls: Disabled.{Quote(refusal, secrets)}"),
            LdapCode.NoSuchObject => (
                BackendFailure.Rejected,
                "spec.ldap.baseDN does not exist, or the operator's entry may not read it; "
                + "add it, or grant the right."),
            LdapCode.UndefinedAttributeType or LdapCode.ObjectClassViolation
                or LdapCode.InvalidAttributeSyntax or LdapCode.NamingViolation => (
                BackendFailure.Rejected,
                "it lacks the schema of app passwords; load the schema of this version, "
                + $"and the overlay ppolicy for spec.ldap.passwordPolicy.{Quote(refusal, secrets)}"),
            LdapCode.SizeLimitExceeded or LdapCode.TimeLimitExceeded or LdapCode.AdminLimitExceeded => (
                BackendFailure.Rejected,
                "it stopped a search at a limit and did not return all entries; "
                + "set olcLimits for the operator's entry to size=unlimited time=unlimited."),
            LdapCode.EntryAlreadyExists =>
                (BackendFailure.Unavailable, $"{refusal.Dn} is taken; the next try uses another."),
            // The operator did not create the entries below, so only their owner can decide to delete them.
            LdapCode.NotAllowedOnNonLeaf => (
                BackendFailure.Rejected,
                $"{refusal.Dn} cannot be deleted, so its password may still work: "
                + "somebody else has put entries below it; delete those."),
            LdapCode.Referral => (
                BackendFailure.Rejected,
                "it refers to another directory, as a read-only or partial replica does; "
                + "set spec.ldap.url to the directory that has all of spec.ldap.baseDN."),
            LdapCode.ProtocolError or LdapCode.UnavailableCriticalExtension => (
                BackendFailure.Rejected,
                "it cannot do what the operator needs; set it up for TLS, "
                + $"or set spec.ldap.tls.{Quote(refusal, secrets)}"),
            LdapCode.ConstraintViolation =>
                (BackendFailure.Rejected, $"it refuses this.{Quote(refusal, secrets)}"),
            LdapCode.UnwillingToPerform => (
                BackendFailure.Unavailable,
                $"it is not willing to change anything now, as when it is read-only.{Quote(refusal, secrets)}"),
            _ => (
                BackendFailure.Unavailable,
                $"it failed with LDAP result {(int)refusal.Code}.{Quote(refusal, secrets)}"),
        };

    private static (BackendFailure Failure, string What) Unreachable(Exception error) => error switch
    {
        AuthenticationException tls => (
            BackendFailure.Unauthorized,
            $"its TLS certificate is not accepted: {ServerCertificates.Words(tls)} Correct spec.ldap.caBundle or "
            + "spec.ldap.url."),
        TimeoutException => (BackendFailure.Unavailable, "it did not answer in time."),
        EndOfStreamException => (BackendFailure.Unavailable, "it closed the connection."),
        SocketException or IOException =>
            (BackendFailure.Unavailable, $"it cannot be reached: {error.GetBaseException().Message}"),
        _ => (BackendFailure.Unavailable, "it cannot be reached."),
    };

    private static string Quote(LdapException refusal, IReadOnlyCollection<string> secrets) =>
        string.IsNullOrWhiteSpace(refusal.Message)
            ? ""
            : $" It says {ServerText.Quote(refusal.Message, secrets, "a secret")}.";
}
