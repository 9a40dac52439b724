using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.MailBackends;

/// <summary>
/// Counts the devices of each backend by mailbox and by namespace, so that a quota is checked without a scan of all
/// devices. A device keeps its place; free places go to the oldest that wait. A tenant cannot forge a place: a
/// finalizer counts only until the device is looked at. Thread-safe.
/// </summary>
internal sealed class QuotaLedger
{
    // A free place goes to the oldest. A few more are requeued in case it cannot use the place; the others look again
    // at their next recheck.
    private const int MaxRequeued = 4;

    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, QuotaEntry> _entries = [];
    private readonly Dictionary<QuotaKey, QuotaGroup> _groups = [];
    private readonly HashSet<ObjectKey> _requeued = [];

    /// <summary>Raised with a device that may get a place that became free.</summary>
    public event Action<ObjectKey>? PlaceFreed;

    /// <summary>Counts a device as it is now.</summary>
    /// <param name="device">The device.</param>
    /// <param name="backend">Name of its MailBackend; null if it has none, so that it is not counted.</param>
    public void Put(MailDevice device, string? backend) => Change(() =>
    {
        _entries.TryGetValue(device.Key, out QuotaEntry? before);
        QuotaEntry? after = backend is null ? null : new QuotaEntry(device, backend);
        if (after is not null && before is not null && after.IsUnchangedFrom(before))
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

    /// <summary>Gives a place to a device that has a credential, whatever the quotas are now.</summary>
    public void Admit(MailDevice device, string backend) =>
        Change(() => Set(Find(device, backend), Admission.Admitted));

    /// <summary>Gives up the place of a device that has another problem.</summary>
    public void Yield(MailDevice device, string backend) =>
        Change(() => Set(Find(device, backend), Admission.Yielded));

    /// <summary>Gives the device a place if one of its grants has room; otherwise the device waits.</summary>
    /// <param name="device">A device that has no credential yet.</param>
    /// <param name="backend">Name of its MailBackend.</param>
    /// <param name="grants">The grants that allow the device.</param>
    /// <param name="grantsOf">The grants that allow another device at this backend.</param>
    public bool TryAdmit(
        MailDevice device,
        string backend,
        IReadOnlyCollection<GrantSpec> grants,
        Func<MailDevice, IEnumerable<GrantSpec>> grantsOf) => Change(() =>
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

    /// <summary>Whether the grant has room for one more device now. Does not count the device.</summary>
    public bool HasRoom(MailDevice device, string backend, GrantSpec grant)
    {
        lock (_gate)
        {
            var asked = new QuotaEntry(device, backend);
            return HasFree(MailboxKey(asked), grant.MaxDevicesPerMailbox)
                && HasFree(NamespaceKey(asked), grant.MaxDevicesPerNamespace);
        }

        bool HasFree(QuotaKey key, int? max) =>
            _groups.TryGetValue(key, out QuotaGroup? group) ? group.HasFree(max) : max is not 0;
    }

    private static bool HasRoom(
        QuotaEntry entry, GrantSpec grant, Func<MailDevice, IEnumerable<GrantSpec>> grantsOf) =>
        IsAmongNext(entry, entry.Mailbox!, grant.MaxDevicesPerMailbox, grantsOf)
        && IsAmongNext(entry, entry.Namespace!, grant.MaxDevicesPerNamespace, grantsOf);

    /// <summary>Whether a free place is left for it after all older devices that can use one.</summary>
    private static bool IsAmongNext(
        QuotaEntry entry, QuotaGroup group, int? max, Func<MailDevice, IEnumerable<GrantSpec>> grantsOf)
    {
        int free = max is { } limit ? limit - group.Admitted : int.MaxValue;
        if (free <= 0 || group.Waiting.Count <= free)
        {
            return free > 0;
        }

        foreach (QuotaEntry older in group.Waiting)
        {
            if (older == entry)
            {
                return true;
            }

            free -= CanUsePlace(older, grantsOf) ? 1 : 0;
            if (free == 0)
            {
                return false;
            }
        }

        return true;
    }

    // Counts only admitted devices. If it counted waiting ones too, two devices could wait for each other for ever.
    private static bool CanUsePlace(QuotaEntry entry, Func<MailDevice, IEnumerable<GrantSpec>> grantsOf)
    {
        foreach (GrantSpec grant in entry.Grants ??= [.. grantsOf(entry.Device)])
        {
            if (entry.Mailbox!.HasFree(grant.MaxDevicesPerMailbox)
                && entry.Namespace!.HasFree(grant.MaxDevicesPerNamespace))
            {
                return true;
            }
        }

        return false;
    }

    private QuotaEntry Find(MailDevice device, string backend)
    {
        if (_entries.TryGetValue(device.Key, out QuotaEntry? entry)
            && entry.Device.Metadata.Uid == device.Metadata.Uid
            && entry.Backend == backend)
        {
            return entry;
        }

        var counted = new QuotaEntry(device, backend); // Put has not been called for this version yet
        Replace(entry, counted);
        return counted;
    }

    private bool Set(QuotaEntry entry, Admission admission)
    {
        if (entry.Admission != admission)
        {
            bool wasAdmitted = Leave(entry);
            entry.Admission = admission;
            if (!Enter(entry) && wasAdmitted)
            {
                RequeueNext(entry);
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
            RequeueNext(before!);
        }
    }

    /// <summary>Adds it to its groups. Returns whether it has a place now.</summary>
    private bool Enter(QuotaEntry entry)
    {
        entry.Mailbox = GroupOf(MailboxKey(entry));
        entry.Namespace = GroupOf(NamespaceKey(entry));
        foreach (QuotaGroup group in entry.Groups)
        {
            group.Members++;
            group.Admitted += entry.IsAdmitted ? 1 : 0;
            if (entry.IsWaiting)
            {
                group.Waiting.Add(entry);
            }
        }

        return entry.IsAdmitted;
    }

    /// <summary>Removes it from its groups. Returns whether it had a place.</summary>
    private bool Leave(QuotaEntry entry)
    {
        foreach (QuotaGroup group in entry.Groups)
        {
            group.Admitted -= entry.IsAdmitted ? 1 : 0;
            group.Waiting.Remove(entry);
            if (--group.Members == 0)
            {
                _groups.Remove(group.Key);
            }
        }

        return entry.IsAdmitted;
    }

    private void RequeueNext(QuotaEntry left)
    {
        foreach (QuotaGroup group in left.Groups)
        {
            _requeued.UnionWith(group.Waiting
                .Where(one => one != left).Take(MaxRequeued).Select(static one => one.Device.Key));
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

    private static QuotaKey NamespaceKey(QuotaEntry entry) =>
        new(entry.Backend, IsMailbox: false, entry.Device.Metadata.NamespaceProperty);

    private TResult Change<TResult>(Func<TResult> change)
    {
        TResult result;
        ObjectKey[] requeued;
        lock (_gate)
        {
            result = change();
            requeued = [.. _requeued];
            _requeued.Clear();
        }

        foreach (ObjectKey key in requeued)
        {
            PlaceFreed?.Invoke(key); // outside the lock: a handler may take other locks
        }

        return result;
    }
}
