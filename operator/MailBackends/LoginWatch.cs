using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;

namespace MailOperator.MailBackends;

/// <summary>Requeues devices that logged in, so that their status shows it.</summary>
internal sealed class LoginWatch(BackendRegistry registry, WorkQueue<ObjectKey> deviceQueue)
{
    /// <summary>
    /// Reads the logins at a backend, from its log or from its slots, and requeues the devices whose status is behind.
    /// Returns the problem with the log and what to do; null if there is none, also if the backend reports no logins.
    /// </summary>
    public async Task<string?> ReadAsync(
        MailBackend backend,
        IReadOnlyList<Slot> slots,
        IReadOnlyList<MailDevice> users,
        CancellationToken cancellationToken)
    {
        IDeviceUses? uses = registry.UsesOf(backend.Metadata.Name);
        string? problem = uses is null
            ? null
            : await uses.RefreshAsync(
                users.Select(static device => device.Key.ToString()).ToHashSet(), cancellationToken);
        ILookup<string, Slot> byDevice = slots.ToLookup(static slot => slot.Owner.DeviceUid, StringComparer.Ordinal);
        foreach (MailDevice device in users)
        {
            LastUse? shown = device.Status?.LastUse;
            LastUse? known = LastUseReport.Latest(uses?.Find(device.Key.ToString()), byDevice[device.PasswordUid]);
            if (LastUseReport.Choose(shown, known) != shown)
            {
                deviceQueue.Add(device.Key, QueueLane.Resync);
            }
        }

        return problem;
    }
}
