using System.Collections.Concurrent;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>
/// The passwords that readers of a device's Secret may rely on: each is valid from the moment it is read until the
/// overlap after it was last seen.
/// </summary>
internal sealed class PromisedPasswords(TimeSpan overlap)
{
    private readonly ConcurrentDictionary<string, Promise> _promises = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> All => [.. _promises.Keys];

    /// <summary>
    /// A read of the Secret that began at <paramref name="asked"/> returned this password at <paramref
    /// name="answered"/>.
    /// </summary>
    public Promise Seen(string password, DateTimeOffset asked, DateTimeOffset answered)
    {
        Promise promise = _promises.GetOrAdd(password, _ => new Promise(password, answered));
        promise.Extend(asked + overlap);
        return promise;
    }
}

/// <summary>A password as its readers know it.</summary>
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
