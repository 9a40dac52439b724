using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;

namespace MailOperator.MailBackends;

/// <summary>Has devices that logged in say so in their status.</summary>
internal sealed class LoginWatch(BackendRegistry registry, WorkQueue<ObjectKey> deviceQueue)
{
    /// <summary>
    /// Takes in who logged in at a backend, by its log or by what its slots tell, and wakes those of its devices whose status is
    /// behind. Returns what is wrong with it and what to do, or null, also where the backend tells nothing of logins.
    /// </summary>
    public async Task<string?> LookAsync(MailBackend backend, IReadOnlyList<Slot> slots, IReadOnlyList<MailDevice> users, CancellationToken cancellationToken)
    {
        IDeviceUses? uses = registry.UsesOf(backend.Metadata.Name);
        string? problem = uses is null ? null : await uses.RefreshAsync(users.Select(static device => device.Key.ToString()).ToHashSet(), cancellationToken);
        ILookup<string, Slot> held = slots.ToLookup(static slot => slot.Owner.DeviceUid, StringComparer.Ordinal);
        foreach (MailDevice device in users)
        {
            LastUse? shown = device.Status?.LastUse;
            LastUse? known = LastUseReport.Latest(uses?.Find(device.Key.ToString()), held[device.Metadata.Uid]);
            if (LastUseReport.Choose(shown, known) != shown)
            {
                deviceQueue.Add(device.Key, QueueLane.Resync);
            }
        }

        return problem;
    }
}
