using MailOperator.Api;

namespace MailOperator.Backends.Infomaniak;

/// <summary><c>spec.infomaniak</c>: a mail service of Infomaniak, over its public API.</summary>
internal sealed class InfomaniakDriver(IBackendSecrets secrets, TimeProvider clock) : IMailBackendDriver
{
    public string Key => "infomaniak";

    /// <summary>As Infomaniak documents them.</summary>
    public ClientSpec PublicClient { get; } = new()
    {
        Imap = new EndpointSpec { Host = "mail.infomaniak.com", Port = 993, Security = ConnectionSecurity.TLS },
        Pop3 = new EndpointSpec { Host = "mail.infomaniak.com", Port = 995, Security = ConnectionSecurity.TLS },
        Smtp = new EndpointSpec { Host = "mail.infomaniak.com", Port = 465, Security = ConnectionSecurity.TLS },
    };

    public object? SpecOf(MailBackendSpec spec) => spec.Infomaniak;

    public IEnumerable<string> Validate(MailBackendSpec spec)
    {
        InfomaniakSpec infomaniak = spec.Infomaniak!;
        if (infomaniak.ServiceId < 1)
        {
            yield return $"spec.infomaniak.serviceId {infomaniak.ServiceId} must be the number of a mail "
                + "service, 1 or more";
        }

        if (!ObjectNames.IsValid(infomaniak.TokenSecret.Name))
        {
            yield return $"spec.infomaniak.tokenSecret names '{infomaniak.TokenSecret.Name}', which is not a valid "
                + "name of a Secret";
        }

        if (infomaniak.Url is { } url && BackendHttp.Problem(url, InfomaniakApi.DefaultUrl) is { } problem)
        {
            yield return $"spec.infomaniak.url {problem}";
        }

        if (CaBundle.Problem(infomaniak.CaBundle) is { } bundle)
        {
            yield return $"spec.infomaniak.caBundle {bundle}";
        }

        if (spec.Dovecot is not null)
        {
            yield return "spec.dovecot is for servers of your own; leave it out with spec.infomaniak";
        }
    }

    public IMailBackend Create(MailBackendSpec spec) =>
        new InfomaniakBackend(new InfomaniakApi(spec.Infomaniak!, secrets, clock), spec.Infomaniak!.ServiceId);
}
