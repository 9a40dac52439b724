using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using MailOperator.Backends;

namespace MailOperator.MailBackends;

/// <summary>
/// Remembers every MailDevice that this operator has seen since it started. A slot of its instance name that was issued
/// since then belongs to one of them. If not, another operator uses the same instance name.
/// </summary>
internal sealed class SeenDevices(TimeProvider clock)
{
    /// <summary>The clocks of two replicas differ by less, and a replica has listed all devices in less.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    private const int Max = 200_000; // some 15 MB

    private readonly ConcurrentDictionary<UInt128, bool> _seen = new();
    private readonly DateTimeOffset _since = clock.GetUtcNow();
    private bool _isFull;

    public void Add(string uid)
    {
        if (_isFull || _seen.Count >= Max)
        {
            _isFull = true; // nothing can be told of others any more
            _seen.Clear();
            return;
        }

        _seen.TryAdd(HashOf(uid), true);
    }

    /// <summary>Whether a device of this operator has had the UID since the start.</summary>
    public bool Knows(string uid) => !_isFull && _seen.ContainsKey(HashOf(uid));

    /// <summary>Whether it is certain that another operator issued it under the instance name of this one.</summary>
    public bool IsOfAnother(Slot slot) =>
        !_isFull && slot.IssuedAt > _since + Margin && !_seen.ContainsKey(HashOf(slot.Owner.DeviceUid));

    private static UInt128 HashOf(string uid) =>
        BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(uid)));
}
