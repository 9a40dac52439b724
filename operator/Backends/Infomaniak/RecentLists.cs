using System.Collections.Concurrent;

namespace MailOperator.Backends.Infomaniak;

/// <summary>
/// A short-lived cache of mailboxes' lists. A reconcile looks at the same device several times, and devices of one
/// mailbox look at the same list, while requests are scarce. A change by this process invalidates the list of its
/// mailbox.
/// </summary>
internal sealed class RecentLists(TimeProvider clock)
{
    /// <summary>How long a list may be used, although others may have changed something.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, (long At, IReadOnlyList<DeviceAccess> Accesses)> _lists =
        new(StringComparer.Ordinal);
    private long _changes;

    /// <summary>Number of changes so far. A list that was begun under another number is outdated.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    public IReadOnlyList<DeviceAccess>? Find(string mailbox) =>
        _lists.TryGetValue(mailbox, out (long At, IReadOnlyList<DeviceAccess> Accesses) found)
        && clock.GetElapsedTime(found.At) < Age ? found.Accesses : null;

    /// <param name="mailbox">The mailbox.</param>
    /// <param name="accesses">All of its accesses.</param>
    /// <param name="changesBefore">The number of changes when the list was begun.</param>
    public void Keep(string mailbox, IReadOnlyList<DeviceAccess> accesses, long changesBefore)
    {
        foreach (string old in _lists.Where(list => clock.GetElapsedTime(list.Value.At) >= Age)
            .Select(static list => list.Key))
        {
            _lists.TryRemove(old, out _);
        }

        if (Changes == changesBefore)
        {
            _lists[mailbox] = (clock.GetTimestamp(), accesses);
        }
    }

    /// <summary>Runs a change of a mailbox. Lists from before its end are not used afterwards.</summary>
    public async Task<T> ChangeAsync<T>(string mailbox, Func<Task<T>> change)
    {
        Forget(mailbox);
        try
        {
            return await change();
        }
        finally
        {
            Forget(mailbox); // also after a failure
        }
    }

    /// <summary>Invalidates lists from before.</summary>
    public void Forget(string mailbox)
    {
        Interlocked.Increment(ref _changes);
        _lists.TryRemove(mailbox, out _);
    }
}
