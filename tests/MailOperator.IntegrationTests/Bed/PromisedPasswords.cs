using System.Collections.Concurrent;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>
/// What the Secret of one device has shown to its readers, and so what they may rely on: a password is good from the moment
/// it is read until the overlap after it was last seen.
/// </summary>
internal sealed class PromisedPasswords(TimeSpan overlap)
{
    private readonly ConcurrentDictionary<string, Promise> _promises = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> All => [.. _promises.Keys];

    /// <summary>The Secret was asked for at <paramref name="asked"/> and answered with this password at <paramref name="answered"/>.</summary>
    public Promise Seen(string password, DateTimeOffset asked, DateTimeOffset answered)
    {
        Promise promise = _promises.GetOrAdd(password, _ => new Promise(password, answered));
        promise.Extend(asked + overlap);
        return promise;
    }
}

/// <summary>One password, as those who hold it know it.</summary>
internal sealed class Promise(string password, DateTimeOffset firstSeen)
{
    private readonly Lock _gate = new();
    private DateTimeOffset _end;

    public string Password => password;

    public DateTimeOffset FirstSeen => firstSeen;

    public DateTimeOffset End
    {
        get
        {
            lock (_gate)
            {
                return _end;
            }
        }
    }

    public void Extend(DateTimeOffset end)
    {
        lock (_gate)
        {
            _end = end > _end ? end : _end;
        }
    }
}
