using System.Net.Http.Headers;
using MailOperator.Api;

namespace MailOperator.Backends.Infomaniak;

/// <summary>
/// The API token, from the key <c>token</c> of the Secret that <c>spec.infomaniak.tokenSecret</c> names.
/// </summary>
internal sealed class InfomaniakToken(InfomaniakSpec spec, IBackendSecrets secrets)
{
    private readonly Lock _gate = new();
    private volatile AuthenticationHeaderValue? _current;
    private long _begun;
    private long _taken;

    public async Task<AuthenticationHeaderValue> GetAsync(CancellationToken cancellationToken) =>
        _current ?? await RefreshAsync(cancellationToken);

    /// <summary>
    /// Reads the token from the Secret. A caller whose token was refused compares it with the refused one.
    /// </summary>
    /// <exception cref="MailBackendException">There is no usable token.</exception>
    public async Task<AuthenticationHeaderValue> RefreshAsync(CancellationToken cancellationToken)
    {
        long number = Interlocked.Increment(ref _begun);
        AuthenticationHeaderValue token = await ReadAsync(cancellationToken);
        lock (_gate)
        {
            // A slow reader must not put an old token back.
            if (number > _taken)
            {
                (_current, _taken) = (token, number);
            }

            return _current!;
        }
    }

    private async Task<AuthenticationHeaderValue> ReadAsync(CancellationToken cancellationToken)
    {
        BackendSecret secret = await secrets.ReadAsync(spec.TokenSecret.Name, "Infomaniak", cancellationToken);
        string token = secret.Value("token")
            ?? throw Unusable(secret, "needs the key 'token' with an API token of the scope 'mail'; add it");
        if (token.Any(static character => character is <= ' ' or > '~'))
        {
            throw Unusable(secret, "holds a 'token' with an invalid character; correct it");
        }

        return new AuthenticationHeaderValue("Bearer", token);
    }

    private static MailBackendException Unusable(BackendSecret secret, string why) =>
        MailBackendException.SecretIncomplete($"Secret {secret.Key} with the credentials for Infomaniak {why}.");
}
