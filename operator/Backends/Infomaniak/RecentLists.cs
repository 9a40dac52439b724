using System.Collections.Concurrent;

namespace MailOperator.Backends.Infomaniak;

/// <summary>
/// Lists of mailboxes from just now. A pass looks several times at the same device, and devices of one mailbox look at the
/// same list: each time a request of the few that there are. A change by this process makes its mailbox's list one of the past.
/// </summary>
internal sealed class RecentLists(TimeProvider clock)
{
    /// <summary>So long a list may be used, though somebody else may have changed something.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, (long At, IReadOnlyList<DeviceAccess> Accesses)> _lists = new(StringComparer.Ordinal);
    private long _changes;

    /// <summary>Changes so far; a list that was begun under another number is none of now.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    public IReadOnlyList<DeviceAccess>? Find(string mailbox) =>
        _lists.TryGetValue(mailbox, out (long At, IReadOnlyList<DeviceAccess> Accesses) found) && clock.GetElapsedTime(found.At) < Age ? found.Accesses : null;

    /// <param name="mailbox">The mailbox.</param>
    /// <param name="accesses">All of its accesses.</param>
    /// <param name="changesBefore">The number of changes when the list was begun.</param>
    public void Keep(string mailbox, IReadOnlyList<DeviceAccess> accesses, long changesBefore)
    {
        foreach (string old in _lists.Where(list => clock.GetElapsedTime(list.Value.At) >= Age).Select(static list => list.Key))
        {
            _lists.TryRemove(old, out _);
        }

        if (Changes == changesBefore)
        {
            _lists[mailbox] = (clock.GetTimestamp(), accesses);
        }
    }

    /// <summary>Runs a change of a mailbox, during which and after which no list from before counts.</summary>
    public async Task<T> ChangeAsync<T>(string mailbox, Func<Task<T>> change)
    {
        Forget(mailbox);
        try
        {
            return await change();
        }
        finally
        {
            Forget(mailbox); // whatever became of it
        }
    }

    /// <summary>Has no list from before count.</summary>
    public void Forget(string mailbox)
    {
        Interlocked.Increment(ref _changes);
        _lists.TryRemove(mailbox, out _);
    }
}
