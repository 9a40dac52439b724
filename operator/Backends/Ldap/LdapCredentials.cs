using MailOperator.Api;

namespace MailOperator.Backends.Ldap;

/// <summary>The operator's credentials at the directory.</summary>
/// <param name="Dn">The operator's entry.</param>
/// <param name="Secret">The entry's password.</param>
internal sealed record LdapCredentials(string Dn, string Secret)
{
    /// <summary>Reads them from the Secret that <c>spec.ldap.bindSecret</c> names.</summary>
    /// <exception cref="MailBackendException">The Secret lacks them.</exception>
    public static async Task<LdapCredentials> ReadAsync(
        LdapSpec spec, IBackendSecrets secrets, CancellationToken cancellationToken)
    {
        BackendSecret secret = await secrets.ReadAsync(spec.BindSecret.Name, "the directory", cancellationToken);
        return secret.Value("username") is { } username && secret.Value("password") is { } password
            ? new LdapCredentials(username, password)
            : throw MailBackendException.SecretIncomplete(
                $"Secret {secret.Key} needs the keys 'username', a DN, and 'password' for the directory; "
                + "add what is missing.");
    }

    /// <summary>A record would print both.</summary>
    public override string ToString() => Dn;
}
