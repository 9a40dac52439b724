using MailOperator.Api;
using MailOperator.Backends;

namespace MailOperator.MailServers;

/// <summary>Checks <c>spec.dovecot</c>.</summary>
internal static class DoveadmValidator
{
    /// <summary>
    /// What is wrong with it, each problem as a clause for the author of the spec; empty if it is valid.
    /// </summary>
    public static IEnumerable<string> Validate(MailBackendSpec spec) =>
        (spec.Dovecot?.Doveadm ?? []).SelectMany(Validate);

    /// <summary>The same for one server.</summary>
    public static IEnumerable<string> Validate(DoveadmSpec server)
    {
        if (BackendHttp.Problem(server.Url, "https://dovecot.mail.svc:8080/doveadm/v1") is { } problem)
        {
            yield return $"spec.dovecot.doveadm: url {problem}";
        }

        if (CaBundle.Problem(server.CaBundle) is { } bundle)
        {
            yield return $"spec.dovecot.doveadm: caBundle {bundle}";
        }

        string secret = server.CredentialsSecret.Name;
        if (!ObjectNames.IsValid(secret))
        {
            yield return $"spec.dovecot.doveadm: credentialsSecret names '{secret}', which is no name of a Secret";
        }
    }
}
