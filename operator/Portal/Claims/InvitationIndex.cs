using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Portal.Claims;

/// <summary>Finds invitations by their link, in memory: a guess costs one hash and no request to the API server.</summary>
internal sealed class InvitationIndex
{
    private readonly ConcurrentDictionary<string, DeviceInvitation> _byTokenHash = new(StringComparer.Ordinal);

    public InvitationIndex(Informer<DeviceInvitation> informer) => informer.Changed += Follow;

    public InvitationIndex()
    {
    }

    public IEnumerable<DeviceInvitation> All => _byTokenHash.Select(static pair => pair.Value);

    /// <summary>
    /// What the lookup takes tells at most something of a hash, from which nobody gets to the token; all the same the
    /// whole hashes are compared in constant time.
    /// </summary>
    public DeviceInvitation? Find(LinkToken token) =>
        _byTokenHash.GetValueOrDefault(token.Hash) is { Status.TokenHash: { } hash } found
        && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(hash), Encoding.ASCII.GetBytes(token.Hash))
            ? found
            : null;

    /// <summary>Takes over what an informer saw; an invitation may have got a new link.</summary>
    internal void Follow(DeviceInvitation? before, DeviceInvitation? now)
    {
        if (before?.Status?.TokenHash is { } old && old != now?.Status?.TokenHash)
        {
            _byTokenHash.TryRemove(old, out _);
        }

        if (now?.Status?.TokenHash is { Length: > 0 } hash)
        {
            _byTokenHash[hash] = now;
        }
    }
}
