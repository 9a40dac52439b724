using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailDevices;

namespace MailOperator.MailBackends;

/// <summary>Has devices that logged in say so in their status.</summary>
internal sealed class LoginWatch(BackendRegistry registry, WorkQueue<ObjectKey> deviceQueue)
{
    /// <summary>
    /// Takes in who logged in at a backend, and wakes those of its devices whose status is behind. Returns what is wrong
    /// with it and what to do, or null, also where the backend tells nothing of logins.
    /// </summary>
    public async Task<string?> LookAsync(MailBackend backend, IReadOnlyList<MailDevice> users, CancellationToken cancellationToken)
    {
        if (registry.UsesOf(backend.Metadata.Name) is not { } uses)
        {
            return null;
        }

        string? problem = await uses.RefreshAsync(users.Select(static device => device.Key.ToString()).ToHashSet(), cancellationToken);
        foreach (MailDevice device in users)
        {
            LastUse? shown = device.Status?.LastUse;
            if (LastUseReport.Choose(shown, uses.Find(device.Key.ToString())) != shown)
            {
                deviceQueue.Add(device.Key, QueueLane.Resync);
            }
        }

        return problem;
    }
}
