namespace MailOperator.MailBackends;

/// <summary>
/// The places of devices that are gone, for as long as a password of theirs may be left. A device that vanished keeps
/// its place until a listing of its backend that began later shows that nothing is left. Not thread-safe.
/// </summary>
internal sealed class UnownedPlaces(QuotaGroups groups)
{
    private readonly Dictionary<string, Dictionary<string, Taken>> _byBackend = new(StringComparer.Ordinal);
    private readonly HashSet<string> _counted = new(StringComparer.Ordinal);
    private long _time;

    /// <summary>Whether a listing of the backend has been counted since the start.</summary>
    public bool IsCounted(string backend) => _counted.Contains(backend);

    /// <summary>A mark of now, to be taken before a listing begins.</summary>
    public long Mark() => ++_time;

    /// <summary>UIDs of the devices that have vanished from a backend since it was listed last.</summary>
    public IReadOnlyList<UnownedPlace> At(string backend) =>
        _byBackend.TryGetValue(backend, out Dictionary<string, Taken>? places)
            ? [.. places.Values.Select(static taken => taken.Place)]
            : [];

    /// <summary>Keeps the place of a device that has vanished.</summary>
    public void Vanish(string backend, UnownedPlace place) => Take(backend, place, ++_time);

    /// <summary>Frees the place of a device that has ended in good order. Returns the groups that have room.</summary>
    public IEnumerable<QuotaGroup> Release(string deviceUid) =>
        [.. _byBackend.Values.SelectMany(places => places.Remove(deviceUid, out Taken? taken) ? Free(taken) : [])];

    /// <summary>Replaces what is known of a backend by a listing. Returns groups that may have room now.</summary>
    /// <param name="backend">Name of the MailBackend.</param>
    /// <param name="mark">Taken before the listing began: devices that vanished later keep their places.</param>
    /// <param name="listed">The places of slots without a device.</param>
    public IEnumerable<QuotaGroup> Settle(string backend, long mark, IReadOnlyCollection<UnownedPlace> listed)
    {
        bool isFirst = _counted.Add(backend);
        Dictionary<string, Taken> places = PlacesAt(backend);
        HashSet<string> kept = [.. listed.Select(static place => place.DeviceUid)];
        QuotaGroup[] freed = [.. places.Values
            .Where(taken => taken.Since <= mark && !kept.Contains(taken.Place.DeviceUid)).ToArray()
            .SelectMany(taken => places.Remove(taken.Place.DeviceUid) ? Free(taken) : [])];
        foreach (UnownedPlace place in listed)
        {
            Take(backend, place, mark);
        }

        return isFirst ? [.. groups.At(backend)] : freed;
    }

    /// <summary>Call this when the MailBackend is gone. Returns the groups that have room.</summary>
    public IEnumerable<QuotaGroup> Forget(string backend)
    {
        _counted.Remove(backend);
        return _byBackend.Remove(backend, out Dictionary<string, Taken>? places)
            ? [.. places.Values.SelectMany(Free)]
            : [];
    }

    private void Take(string backend, UnownedPlace place, long since)
    {
        Dictionary<string, Taken> places = PlacesAt(backend);
        if (places.TryGetValue(place.DeviceUid, out Taken? known))
        {
            places[place.DeviceUid] = known with { Since = Math.Max(since, known.Since) };
            return;
        }

        places[place.DeviceUid] = new Taken(
            place, since,
            groups.Join(new QuotaKey(backend, IsMailbox: true, place.Mailbox), isAdmitted: true),
            groups.Join(new QuotaKey(backend, IsMailbox: false, place.Namespace), isAdmitted: true));
    }

    private QuotaGroup[] Free(Taken taken)
    {
        groups.Leave(taken.Mailbox, wasAdmitted: true);
        groups.Leave(taken.Namespace, wasAdmitted: true);
        return [taken.Mailbox, taken.Namespace];
    }

    private Dictionary<string, Taken> PlacesAt(string backend)
    {
        if (!_byBackend.TryGetValue(backend, out Dictionary<string, Taken>? places))
        {
            _byBackend[backend] = places = new Dictionary<string, Taken>(StringComparer.Ordinal);
        }

        return places;
    }

    /// <param name="Place">The place.</param>
    /// <param name="Since">When it was taken, in marks.</param>
    /// <param name="Mailbox">The group of its mailbox.</param>
    /// <param name="Namespace">The group of its namespace.</param>
    private sealed record Taken(UnownedPlace Place, long Since, QuotaGroup Mailbox, QuotaGroup Namespace);
}
