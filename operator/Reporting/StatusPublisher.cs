using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using MailOperator.Kubernetes;

namespace MailOperator.Reporting;

/// <summary>
/// Writes the status of the objects of one kind, and only if it is news: it differs from the status that the informer
/// shows, or from the one written last. Replaces the whole status, whoever else has written the object meanwhile.
/// </summary>
/// <remarks>
/// DeviceInvitations do not use it: the portal writes into the same status, so their write must be refused if the
/// object has changed since it was observed, and it must return the new resource version. They need no memory of what
/// was written last, because a stale observation ends in a conflict.
/// </remarks>
internal sealed class StatusPublisher(ResourceType type, ObjectWriter writer)
{
    // The statuses written last. The informer may still show the one before, and no event of a status requeues the
    // object: a return to what the informer shows must be written too, and the same must not be written again.
    private readonly ConcurrentDictionary<ObjectKey, Written> _written = new();

    /// <summary>Returns whether the status was written, so that the caller can announce the change.</summary>
    /// <param name="target">The object as the informer shows it.</param>
    /// <param name="before">Its status there; null if it has none yet.</param>
    /// <param name="after">The status that it is to have.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    /// <exception cref="ApiException">The API server refused the write. An object that is gone is no error.</exception>
    public async Task<bool> PublishAsync<TStatus>(
        ApiObject target, TStatus? before, TStatus after, CancellationToken cancellationToken)
        where TStatus : class
    {
        byte[] status = ApiJson.Serialize(after);
        UInt128 hash = HashOf(status);
        if (IsKnown(target, before, hash))
        {
            return false;
        }

        // Before the write: it may succeed although its response is lost. Then the next one must not be left out.
        var written = new Written(hash, Over: null);
        _written[target.Key] = written;
        await writer.WriteStatusAsync(type, target, status, cancellationToken);
        _written[target.Key] = written with { Over = target.Metadata.ResourceVersion };
        return true;
    }

    private bool IsKnown<TStatus>(ApiObject target, TStatus? shown, UInt128 hash)
        where TStatus : class
    {
        bool IsShown() => shown is not null && HashOf(ApiJson.Serialize(shown)) == hash;
        return _written.TryGetValue(target.Key, out Written? last)
            ? last.Hash == hash && (target.Metadata.ResourceVersion == last.Over || IsShown())
            : IsShown();
    }

    /// <summary>Call this when the object is gone.</summary>
    public void Forget(ObjectKey key) => _written.TryRemove(key, out _);

    /// <param name="Hash">Hash of the status that was written.</param>
    /// <param name="Over">The version of the object that it was written over; null if that was not confirmed.</param>
    private sealed record Written(UInt128 Hash, string? Over);

    private static UInt128 HashOf(byte[] status) =>
        BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(status));
}
