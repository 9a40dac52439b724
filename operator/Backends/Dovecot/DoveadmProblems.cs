using MailOperator.Api;

namespace MailOperator.Backends.Dovecot;

/// <summary>What is wrong with <c>spec.dovecot</c>, in sentences for the person who wrote it.</summary>
internal static class DoveadmProblems
{
    public static IEnumerable<string> Of(MailBackendSpec spec)
    {
        foreach (DoveadmSpec server in spec.Dovecot?.Doveadm ?? [])
        {
            if (!Uri.TryCreate(server.Url, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0
                || url.Query.Length > 0 || url.Fragment.Length > 0)
            {
                yield return $"spec.dovecot.doveadm: url '{Redacted(url, server.Url)}' must be like https://dovecot.mail.svc:8080/doveadm/v1, without user, query or fragment";
            }

            if (!ObjectNames.IsValid(server.CredentialsSecret.Name))
            {
                yield return $"spec.dovecot.doveadm: credentialsSecret names '{server.CredentialsSecret.Name}', which is no name of a Secret";
            }
        }
    }

    // A password that was put into the URL against all advice is not repeated.
    private static string Redacted(Uri? url, string text) => url is { UserInfo.Length: > 0 } ? url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) : text;
}
