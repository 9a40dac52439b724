using System.Text.RegularExpressions;
using MailOperator.Api;

namespace MailOperator.Backends.Ldap;

/// <summary><c>spec.ldap</c>: entries of OpenLDAP.</summary>
internal sealed partial class LdapDriver(IBackendSecrets secrets) : IMailBackendDriver
{
    public string Key => "ldap";

    public ClientSpec? PublicClient => null;

    public object? SpecOf(MailBackendSpec spec) => spec.Ldap;

    public IEnumerable<string> Validate(MailBackendSpec spec)
    {
        LdapSpec ldap = spec.Ldap!;
        if (LdapAddress.Parse(ldap.Url) is not { } address)
        {
            yield return $"spec.ldap.url '{ldap.Url}' is not ldap://HOST, ldaps://HOST or one of them with a port";
        }
        else if (address.IsEncrypted && ldap.Tls == LdapTls.Disabled)
        {
            yield return "spec.ldap.tls is Disabled, but spec.ldap.url is encrypted (ldaps://); set only one of them";
        }

        if (!Dn().IsMatch(ldap.BaseDN))
        {
            yield return $"spec.ldap.baseDN '{ldap.BaseDN}' is not the DN of an entry, "
                + "such as ou=app-passwords,dc=example,dc=com";
        }

        if (!ObjectNames.IsValid(ldap.BindSecret.Name))
        {
            yield return $"spec.ldap.bindSecret names '{ldap.BindSecret.Name}', which is not a valid name of a Secret";
        }

        if (ldap.PasswordPolicy is { } policy && !Dn().IsMatch(policy))
        {
            yield return $"spec.ldap.passwordPolicy '{policy}' is not the DN of an entry, "
                + "such as cn=app-password-policy,dc=example,dc=com";
        }

        if (ldap.MaxConnections is < 1 or > 64)
        {
            yield return $"spec.ldap.maxConnections {ldap.MaxConnections} must be 1 to 64";
        }

        if (CaBundle.Problem(ldap.CaBundle) is { } problem)
        {
            yield return $"spec.ldap.caBundle {problem}";
        }
    }

    public IMailBackend Create(MailBackendSpec spec)
    {
        LdapSpec ldap = spec.Ldap!;
        // Outlives the credentials.
        var places = new SemaphoreSlim(ldap.MaxConnections ?? LdapConnections.DefaultConnections);
        return new LdapBackend(ldap, new CredentialedClient<LdapCredentials, LdapConnections>(
            token => LdapCredentials.ReadAsync(ldap, secrets, token),
            credentials => new LdapConnections(ldap, credentials, places)));
    }

    [GeneratedRegex(@"\A(?=.{3,1024}\z)[A-Za-z][A-Za-z0-9-]*=[^\x00-\x1f]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Dn();
}
