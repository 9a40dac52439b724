using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.MailBackends;

/// <summary>
/// Counts the devices of each backend by mailbox and by namespace, so that a quota is checked without a scan of all
/// devices. A device keeps its place; free places go to the oldest that wait. A tenant cannot forge a place: a
/// finalizer counts only until the device is looked at. Nor can a tenant give one up and keep the password: the place
/// of a device that vanished stays taken until its backend shows that nothing is left. Thread-safe.
/// </summary>
internal sealed class QuotaLedger
{
    // A free place goes to the oldest. A few more are requeued in case it cannot use the place; the others look again
    // at their next recheck.
    private const int MaxRequeued = 4;

    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, QuotaEntry> _entries = [];
    private readonly QuotaGroups _groups = new();
    private readonly UnownedPlaces _unowned;
    private readonly HashSet<ObjectKey> _requeued = [];

    public QuotaLedger() => _unowned = new UnownedPlaces(_groups);

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

    /// <summary>Counts a device no longer that is gone; its place only if <see cref="Release"/> has freed it.</summary>
    public void Remove(ObjectKey key) => Change(() =>
    {
        QuotaEntry? entry = _entries.GetValueOrDefault(key);
        Replace(entry, null);
        if (entry is { Admission: Admission.Admitted }) // a forged finalizer alone keeps no place
        {
            _unowned.Vanish(entry.Backend, entry.Place);
            _requeued.Clear();
        }

        return true;
    });

    /// <summary>Frees the place of a device all of whose passwords have ended; it may be gone already.</summary>
    public void Release(MailDevice device) => Change(() =>
    {
        if (_entries.TryGetValue(device.Key, out QuotaEntry? entry)
            && entry.Device.Metadata.Uid == device.Metadata.Uid)
        {
            Set(entry, Admission.Yielded);
        }

        return RequeueNext(_unowned.Release(device.PasswordUid), left: null);
    });

    /// <summary>A mark to take before a backend is listed, for <see cref="Settle"/>.</summary>
    public long Mark() => Change(_unowned.Mark);

    /// <summary>Devices that have vanished from a backend and whose place is still taken.</summary>
    public IReadOnlyList<UnownedPlace> VanishedFrom(string backend) => Change(() => _unowned.At(backend));

    /// <summary>Counts the slots without a device that a listing of a backend shows.</summary>
    /// <inheritdoc cref="UnownedPlaces.Settle"/>
    public void Settle(string backend, long mark, IReadOnlyCollection<UnownedPlace> listed) =>
        Change(() => RequeueNext(_unowned.Settle(backend, mark, listed), left: null));

    /// <summary>Call this when the MailBackend is gone.</summary>
    public void Forget(string backend) => Change(() => RequeueNext(_unowned.Forget(backend), left: null));

    /// <summary>Whether what is left of devices that are gone is known, so that no place is given twice.</summary>
    public bool IsCounted(string backend) => Change(() => _unowned.IsCounted(backend));

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
        bool isCounted = _unowned.IsCounted(backend);
        bool hasRoom = grants.Any(grant => (isCounted || !grant.HasQuota) && HasRoom(entry, grant, grantsOf));
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
            _groups.Find(key) is { } group ? group.HasFree(max) : max is not 0;
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
                RequeueNext(entry.Groups, entry);
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
            RequeueNext(before!.Groups, before);
        }
    }

    /// <summary>Adds it to its groups. Returns whether it has a place now.</summary>
    private bool Enter(QuotaEntry entry)
    {
        entry.Mailbox = _groups.Join(MailboxKey(entry), entry.IsAdmitted);
        entry.Namespace = _groups.Join(NamespaceKey(entry), entry.IsAdmitted);
        foreach (QuotaGroup group in entry.Groups)
        {
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
            group.Waiting.Remove(entry);
            _groups.Leave(group, entry.IsAdmitted);
        }

        return entry.IsAdmitted;
    }

    private bool RequeueNext(IEnumerable<QuotaGroup> freed, QuotaEntry? left)
    {
        foreach (QuotaGroup group in freed)
        {
            _requeued.UnionWith(group.Waiting
                .Where(one => one != left).Take(MaxRequeued).Select(static one => one.Device.Key));
        }

        return true;
    }

    private static QuotaKey MailboxKey(QuotaEntry entry) =>
        new(entry.Backend, IsMailbox: true, entry.Place.Mailbox);

    private static QuotaKey NamespaceKey(QuotaEntry entry) =>
        new(entry.Backend, IsMailbox: false, entry.Place.Namespace);

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
