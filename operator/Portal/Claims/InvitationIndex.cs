using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Portal.Claims;

/// <summary>
/// An index of the invitations by the hash of their token, in memory. A guessed link costs one hash and no request to
/// the API server.
/// </summary>
internal sealed class InvitationIndex
{
    private readonly ConcurrentDictionary<string, DeviceInvitation> _byTokenHash = new(StringComparer.Ordinal);

    /// <summary>An index that follows an informer.</summary>
    public InvitationIndex(Informer<DeviceInvitation> informer) => informer.Changed += Follow;

    /// <summary>An index that only <see cref="Follow"/> fills.</summary>
    public InvitationIndex()
    {
    }

    public IEnumerable<DeviceInvitation> All => _byTokenHash.Select(static pair => pair.Value);

    /// <summary>
    /// The invitation with this token; null if there is none. The time of the lookup can reveal at most a part of a
    /// hash, which does not lead to the token. The hashes are still compared in constant time.
    /// </summary>
    public DeviceInvitation? Find(LinkToken token) =>
        _byTokenHash.GetValueOrDefault(token.Hash) is { Status.TokenHash: { } hash } found
        && CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(hash), Encoding.ASCII.GetBytes(token.Hash))
            ? found
            : null;

    /// <summary>Applies a change that an informer saw. An invitation may have received a new link.</summary>
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
