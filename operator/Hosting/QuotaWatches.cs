using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;

namespace MailOperator.Hosting;

/// <summary>Keeps the quotas true, and wakes whoever may have the place that another has left.</summary>
internal static class QuotaWatches
{
    /// <summary>To be connected before whatever wakes devices, so that each is counted before it is looked at.</summary>
    public static void Connect(
        Informer<MailDevice> devices, Informer<MailBackend> backends, QuotaLedger quotas, WorkQueue<ObjectKey> deviceQueue)
    {
        string? defaultName = null;
        quotas.PlaceFreed += key => deviceQueue.Add(key);

        devices.Changed += (before, after) =>
        {
            if (after is null)
            {
                quotas.Remove(before!.Key);
            }
            else
            {
                quotas.Put(after, BackendSelection.NameFor(after, backends.Store));
            }
        };

        backends.Changed += (_, _) =>
        {
            if (BackendSelection.DefaultName(backends.Store) is var name && name == defaultName)
            {
                return;
            }

            defaultName = name;
            foreach (MailDevice device in devices.Store.All)
            {
                quotas.Put(device, BackendSelection.NameFor(device, backends.Store));
            }
        };
    }
}
