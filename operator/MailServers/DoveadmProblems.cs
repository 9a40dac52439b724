using MailOperator.Api;
using MailOperator.Backends;

namespace MailOperator.MailServers;

/// <summary>What is wrong with <c>spec.dovecot</c>, in sentences for the person who wrote it.</summary>
internal static class DoveadmProblems
{
    public static IEnumerable<string> Of(MailBackendSpec spec)
    {
        foreach (DoveadmSpec server in spec.Dovecot?.Doveadm ?? [])
        {
            if (BackendHttp.Problem(server.Url, "https://dovecot.mail.svc:8080/doveadm/v1") is { } problem)
            {
                yield return $"spec.dovecot.doveadm: url {problem}";
            }

            if (!ObjectNames.IsValid(server.CredentialsSecret.Name))
            {
                yield return $"spec.dovecot.doveadm: credentialsSecret names '{server.CredentialsSecret.Name}', which is no name of a Secret";
            }
        }
    }
}
