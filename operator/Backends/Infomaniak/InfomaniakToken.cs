using System.Net.Http.Headers;
using MailOperator.Api;

namespace MailOperator.Backends.Infomaniak;

/// <summary>The API token, from the key <c>token</c> of the Secret that <c>spec.infomaniak.tokenSecret</c> names.</summary>
internal sealed class InfomaniakToken(InfomaniakSpec spec, IBackendSecrets secrets)
{
    private volatile AuthenticationHeaderValue? _current;

    public async Task<AuthenticationHeaderValue> GetAsync(CancellationToken cancellationToken)
    {
        if (_current is null)
        {
            await RefreshAsync(cancellationToken);
        }

        return _current!;
    }

    /// <summary>Reads the Secret again. Returns whether the token is another one.</summary>
    /// <exception cref="MailBackendException">There is none that can be used.</exception>
    public async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        BackendSecret secret = await secrets.ReadAsync(spec.TokenSecret.Name, "Infomaniak", cancellationToken);
        string token = secret.Value("token") ?? throw Unusable(secret, "needs the key 'token' with an API token of the scope 'mail'; add it");
        if (token.Any(static character => character is <= ' ' or > '~'))
        {
            throw Unusable(secret, "holds in 'token' a character that no token has; correct it");
        }

        if (_current?.Parameter == token)
        {
            return false;
        }

        _current = new AuthenticationHeaderValue("Bearer", token);
        return true;
    }

    private static MailBackendException Unusable(BackendSecret secret, string why) =>
        new(BackendFailure.Unauthorized, $"Secret {secret.Key} with the credentials for Infomaniak {why}.");
}
