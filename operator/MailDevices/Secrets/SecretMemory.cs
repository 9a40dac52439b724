using System.Collections.Concurrent;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Spec;

namespace MailOperator.MailDevices.Secrets;

/// <summary>
/// Remembers how a version of a Secret was judged, so that a pass over an unchanged device asks the API server
/// nothing. Holds no password; what it says is good only for exactly that version and exactly those wishes.
/// </summary>
internal sealed class SecretMemory
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public SecretState.Owned? Recall(string deviceUid, string? resourceVersion, DesiredCredential desired) =>
        resourceVersion is not null
        && _entries.TryGetValue(deviceUid, out Entry? entry)
        && entry.State.ResourceVersion == resourceVersion
        && entry.Wishes == Wishes(desired)
            ? entry.State
            : null;

    public void Remember(string deviceUid, SecretState state, DesiredCredential desired)
    {
        if (state is SecretState.Owned owned)
        {
            _entries[deviceUid] = new Entry(owned, Wishes(desired));
        }
        else
        {
            Forget(deviceUid);
        }
    }

    /// <summary>Whether this version is the last one that was judged: news of it is no news.</summary>
    public bool Knows(string deviceUid, string resourceVersion) =>
        _entries.TryGetValue(deviceUid, out Entry? entry) && entry.State.ResourceVersion == resourceVersion;

    public void Forget(string deviceUid) => _entries.TryRemove(deviceUid, out _);

    // Only its hash is kept, so that ten thousand devices do not hold their settings twice.
    private static UInt128 Wishes(DesiredCredential desired)
    {
        byte[] hash = System.Security.Cryptography.SHA256.HashData(ApiJson.Serialize(new
        {
            desired.BackendName,
            desired.Username,
            desired.SecretName,
            desired.SecretType,
            desired.IsHeld,
            desired.SecretLabels,
            desired.SecretAnnotations,
            SecretData = desired.SecretData.ToDictionary(static entry => entry.Key, static entry => entry.Value.Text),
            desired.Endpoints,
        }));
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    private sealed record Entry(SecretState.Owned State, UInt128 Wishes);
}
