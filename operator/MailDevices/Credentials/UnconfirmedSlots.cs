using System.Collections.Concurrent;
using System.Collections.Immutable;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Secrets;

namespace MailOperator.MailDevices.Credentials;

/// <summary>
/// The slots that this process has pushed for passwords whose commit failed without a definite answer. Once the Secret
/// was read again and names none of them, nobody will ever read these passwords. Without this memory each retry would
/// leave a slot until its grace ends; after a restart the grace is what remains.
/// </summary>
internal sealed class UnconfirmedSlots
{
    private readonly ConcurrentDictionary<ObjectKey, ImmutableHashSet<string>> _selectors = new();

    /// <summary>Remembers a slot.</summary>
    public void Add(ObjectKey device, string selector) => _selectors.AddOrUpdate(
        device, _ => [selector], (_, known) => known.Add(selector));

    /// <summary>Forgets all slots of a device: another password was committed, or the device is gone.</summary>
    public void Forget(ObjectKey device) => _selectors.TryRemove(device, out _);

    /// <summary>The slots that this Secret does not name. It forgets the others: their commit did arrive.</summary>
    public ImmutableHashSet<string> LeftBy(ObjectKey device, SecretState secret)
    {
        if (!_selectors.TryGetValue(device, out ImmutableHashSet<string>? known))
        {
            return [];
        }

        if (secret is not SecretState.Owned { IsGenuine: true, Credential: { } record })
        {
            return known;
        }

        ImmutableHashSet<string> left =
            known.Remove(record.Selector).Except(record.Retiring.Select(static one => one.Selector));
        _selectors[device] = left;
        return left;
    }
}
