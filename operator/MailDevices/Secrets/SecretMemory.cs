using System.Collections.Concurrent;
using MailOperator.MailDevices.Spec;

namespace MailOperator.MailDevices.Secrets;

/// <summary>
/// Remembers the state of a version of a Secret, so that a pass over an unchanged device reads nothing from the API
/// server. Holds no password. An entry is valid only for exactly that version and exactly that desired Secret.
/// </summary>
internal sealed class SecretMemory
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public SecretState.Owned? Recall(string deviceUid, string? resourceVersion, DesiredCredential desired) =>
        resourceVersion is not null
        && _entries.TryGetValue(deviceUid, out Entry? entry)
        && entry.State.ResourceVersion == resourceVersion
        && entry.Desired == desired.Secret.Fingerprint()
            ? entry.State
            : null;

    public void Remember(string deviceUid, SecretState state, DesiredCredential desired)
    {
        if (state is SecretState.Owned owned)
        {
            _entries[deviceUid] = new Entry(owned, desired.Secret.Fingerprint());
        }
        else
        {
            Forget(deviceUid);
        }
    }

    /// <summary>Whether this version was judged last, so that an event about it is not news.</summary>
    public bool Knows(string deviceUid, string resourceVersion) =>
        _entries.TryGetValue(deviceUid, out Entry? entry) && entry.State.ResourceVersion == resourceVersion;

    public void Forget(string deviceUid) => _entries.TryRemove(deviceUid, out _);

    // A fingerprint, so that the settings of ten thousand devices are not in memory twice.
    private sealed record Entry(SecretState.Owned State, UInt128 Desired);
}
