using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.DeviceInvitations.Delivery;

/// <summary>
/// Counts the tries to mail links, by namespace, so that nobody floods the platform's relay. What was tried before this
/// process started is read from the status of the invitations; one that was deleted then is not known any more.
/// </summary>
internal sealed class MailBudget(ObjectStore<DeviceInvitation> invitations, TimeProvider clock)
{
    /// <summary>The time that a limit is for.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private readonly Dictionary<string, List<DateTimeOffset>> _tries = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>When the namespace may try next; null for now.</summary>
    /// <param name="namespace">The namespace.</param>
    /// <param name="limit">How many tries it has in <see cref="Window"/>.</param>
    public DateTimeOffset? FreeAt(string @namespace, int limit)
    {
        lock (_lock)
        {
            return FreeAt(Recent(@namespace), limit);
        }
    }

    /// <summary>Counts a try, unless the namespace has none left: then returns when it may try next.</summary>
    /// <inheritdoc cref="FreeAt(string, int)"/>
    public DateTimeOffset? Take(string @namespace, int limit)
    {
        lock (_lock)
        {
            List<DateTimeOffset> recent = Recent(@namespace);
            DateTimeOffset? free = FreeAt(recent, limit);
            if (free is null)
            {
                recent.Add(clock.GetUtcNow());
            }

            return free;
        }
    }

    private static DateTimeOffset? FreeAt(List<DateTimeOffset> recent, int limit) =>
        recent.Count < limit ? null : recent.Order().ElementAt(recent.Count - limit) + Window;

    private List<DateTimeOffset> Recent(string @namespace)
    {
        if (!_tries.TryGetValue(@namespace, out List<DateTimeOffset>? tries))
        {
            tries = [.. Reported(@namespace)];
            _tries.Add(@namespace, tries);
        }

        DateTimeOffset now = clock.GetUtcNow();
        tries.RemoveAll(at => at <= now - Window || at > now);
        return tries;
    }

    private IEnumerable<DateTimeOffset> Reported(string @namespace) =>
        invitations.ByIndex(ObjectIndexes.InvitationsByNamespace, @namespace)
            .Select(static invitation => invitation.Status?.LastDeliveryAttempt)
            .OfType<DateTimeOffset>();
}
