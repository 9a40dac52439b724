using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.MailBackends;

/// <summary>
/// Counts the devices of each backend by mailbox and by namespace, so that a quota is judged without a look at all of
/// them. Who has a place keeps it; free ones go to the oldest in line. What a tenant may write gives no place: a
/// finalizer counts only until the device has been looked at. Thread-safe.
/// </summary>
internal sealed class QuotaLedger
{
    // One place was freed: the oldest gets it, and a few more are asked in case it cannot take it. All look again by themselves.
    private const int MaxCalled = 4;

    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, QuotaEntry> _entries = [];
    private readonly Dictionary<QuotaKey, QuotaGroup> _groups = [];
    private readonly HashSet<ObjectKey> _called = [];

    /// <summary>Called with a device that may now get the place that another has left.</summary>
    public event Action<ObjectKey>? PlaceFreed;

    /// <summary>Counts a device as it is now, at the backend that it is for; null if there is none.</summary>
    public void Put(MailDevice device, string? backend) => Change(() =>
    {
        _entries.TryGetValue(device.Key, out QuotaEntry? before);
        QuotaEntry? after = backend is null ? null : new QuotaEntry(device, backend);
        if (after is not null && before is not null && after.IsStillAs(before))
        {
            after.Admission = before.Admission;
        }

        Replace(before, after);
        return true;
    });

    public void Remove(ObjectKey key) => Change(() =>
    {
        Replace(_entries.GetValueOrDefault(key), null);
        return true;
    });

    /// <summary>It was seen to have a credential, whatever the quotas say by now.</summary>
    public void Admit(MailDevice device, string backend) => Change(() => Set(Find(device, backend), Admission.Admitted));

    /// <summary>Something else than a quota is in its way.</summary>
    public void Yield(MailDevice device, string backend) => Change(() => Set(Find(device, backend), Admission.Yielded));

    /// <summary>Gives the device a place if one of its grants has room for it; else it waits in line.</summary>
    /// <param name="device">A device that has no credential yet.</param>
    /// <param name="backend">Where it wants one.</param>
    /// <param name="grants">The grants that allow it.</param>
    /// <param name="grantsOf">The same for another device at this backend.</param>
    public bool TryAdmit(
        MailDevice device, string backend, IReadOnlyCollection<GrantSpec> grants, Func<MailDevice, IEnumerable<GrantSpec>> grantsOf) => Change(() =>
    {
        QuotaEntry entry = Find(device, backend);
        if (entry.Admission == Admission.Admitted)
        {
            return true;
        }

        entry.Grants = grants;
        Set(entry, Admission.Waiting);
        bool hasRoom = grants.Any(grant => HasRoom(entry, grant, grantsOf));
        Set(entry, hasRoom ? Admission.Admitted : Admission.Waiting);
        return hasRoom;
    });

    /// <summary>Whether a further device, which is not counted by this, would find a place under the grant now.</summary>
    public bool HasRoom(MailDevice device, string backend, GrantSpec grant)
    {
        lock (_gate)
        {
            var asked = new QuotaEntry(device, backend);
            return HasFree(MailboxKey(asked), grant.MaxDevicesPerMailbox) && HasFree(NamespaceKey(asked), grant.MaxDevicesPerNamespace);
        }

        bool HasFree(QuotaKey key, int? max) => _groups.TryGetValue(key, out QuotaGroup? group) ? group.HasFree(max) : max is not 0;
    }

    private static bool HasRoom(QuotaEntry entry, GrantSpec grant, Func<MailDevice, IEnumerable<GrantSpec>> grantsOf) =>
        IsAmongNext(entry, entry.Mailbox!, grant.MaxDevicesPerMailbox, grantsOf)
        && IsAmongNext(entry, entry.Namespace!, grant.MaxDevicesPerNamespace, grantsOf);

    /// <summary>Whether fewer devices than there are free places stand before it, not counting those that cannot take one.</summary>
    private static bool IsAmongNext(QuotaEntry entry, QuotaGroup group, int? max, Func<MailDevice, IEnumerable<GrantSpec>> grantsOf)
    {
        int free = max is { } limit ? limit - group.Admitted : int.MaxValue;
        if (free <= 0 || group.Line.Count <= free)
        {
            return free > 0;
        }

        foreach (QuotaEntry before in group.Line)
        {
            if (before == entry)
            {
                return true;
            }

            free -= CouldHold(before, grantsOf) ? 1 : 0;
            if (free == 0)
            {
                return false;
            }
        }

        return true;
    }

    // By those who hold places alone. Were those who wait counted too, two could wait for each other for ever.
    private static bool CouldHold(QuotaEntry entry, Func<MailDevice, IEnumerable<GrantSpec>> grantsOf)
    {
        foreach (GrantSpec grant in entry.Grants ??= [.. grantsOf(entry.Device)])
        {
            if (entry.Mailbox!.HasFree(grant.MaxDevicesPerMailbox) && entry.Namespace!.HasFree(grant.MaxDevicesPerNamespace))
            {
                return true;
            }
        }

        return false;
    }

    private QuotaEntry Find(MailDevice device, string backend)
    {
        if (_entries.TryGetValue(device.Key, out QuotaEntry? entry) && entry.Device.Metadata.Uid == device.Metadata.Uid && entry.Backend == backend)
        {
            return entry;
        }

        var counted = new QuotaEntry(device, backend); // its own event has not come this far
        Replace(entry, counted);
        return counted;
    }

    private bool Set(QuotaEntry entry, Admission standing)
    {
        if (entry.Admission != standing)
        {
            bool wasAdmitted = Leave(entry);
            entry.Admission = standing;
            if (!Enter(entry) && wasAdmitted)
            {
                CallNext(entry);
            }
        }

        return true;
    }

    private void Replace(QuotaEntry? before, QuotaEntry? after)
    {
        bool wasAdmitted = before is not null && Leave(before);
        bool isAdmitted = false;
        if (before is not null)
        {
            _entries.Remove(before.Device.Key);
        }

        if (after is not null)
        {
            _entries[after.Device.Key] = after;
            isAdmitted = Enter(after);
        }

        if (wasAdmitted && !(isAdmitted && after!.Groups.SequenceEqual(before!.Groups)))
        {
            CallNext(before!);
        }
    }

    /// <summary>Whether it holds a place from here on.</summary>
    private bool Enter(QuotaEntry entry)
    {
        entry.Mailbox = GroupOf(MailboxKey(entry));
        entry.Namespace = GroupOf(NamespaceKey(entry));
        foreach (QuotaGroup group in entry.Groups)
        {
            group.Members++;
            group.Admitted += entry.IsAdmitted ? 1 : 0;
            if (entry.IsInLine)
            {
                group.Line.Add(entry);
            }
        }

        return entry.IsAdmitted;
    }

    /// <summary>Whether it held a place until now.</summary>
    private bool Leave(QuotaEntry entry)
    {
        foreach (QuotaGroup group in entry.Groups)
        {
            group.Admitted -= entry.IsAdmitted ? 1 : 0;
            group.Line.Remove(entry);
            if (--group.Members == 0)
            {
                _groups.Remove(group.Key);
            }
        }

        return entry.IsAdmitted;
    }

    private void CallNext(QuotaEntry left)
    {
        foreach (QuotaGroup group in left.Groups)
        {
            _called.UnionWith(group.Line.Where(one => one != left).Take(MaxCalled).Select(static one => one.Device.Key));
        }
    }

    private QuotaGroup GroupOf(QuotaKey key)
    {
        if (!_groups.TryGetValue(key, out QuotaGroup? group))
        {
            _groups[key] = group = new QuotaGroup(key);
        }

        return group;
    }

    private static QuotaKey MailboxKey(QuotaEntry entry) =>
        new(entry.Backend, IsMailbox: true, MailboxAddress.Normalize(entry.Device.Spec.Mailbox));

    private static QuotaKey NamespaceKey(QuotaEntry entry) => new(entry.Backend, IsMailbox: false, entry.Device.Metadata.NamespaceProperty);

    private TResult Change<TResult>(Func<TResult> change)
    {
        TResult result;
        ObjectKey[] called;
        lock (_gate)
        {
            result = change();
            called = [.. _called];
            _called.Clear();
        }

        foreach (ObjectKey key in called)
        {
            PlaceFreed?.Invoke(key); // outside of the lock: whoever listens may take locks of their own
        }

        return result;
    }
}
