using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.MailBackends;

/// <summary>Requeues MailBackends when they or the set of devices change.</summary>
internal sealed class MailBackendWatches(
    Informer<MailBackend> backends, Informer<MailDevice> devices, ReconcileQueue<MailBackend> queue) : IWatches
{
    public void Connect()
    {
        backends.Changed += (before, after) =>
        {
            if (ObjectNews.Is(before, after, static backend => backend.Status?.Conditions is null))
            {
                queue.Add((after ?? before)!.Key);
            }
        };
        devices.Changed += (before, after) =>
        {
            if (before?.Metadata.Uid != after?.Metadata.Uid)
            {
                foreach (MailBackend backend in backends.Store.All)
                {
                    queue.Keys.AddAfter(backend.Key, InUseFinalizer.CountDelay, QueueLane.Resync);
                }
            }
        };
    }
}
