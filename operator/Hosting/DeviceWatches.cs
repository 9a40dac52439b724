using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Secrets;

namespace MailOperator.Hosting;

/// <summary>
/// Which change of which object calls for a look at which key. Our own writes of a status wake nobody; what a person
/// changed goes before what is looked at again for another's sake.
/// </summary>
internal static class DeviceWatches
{
    // Devices come and go in bursts; the count of what they use need not follow each one.
    public static readonly TimeSpan CountDelay = TimeSpan.FromSeconds(1);

    public static void Connect(
        Informer<MailDevice> devices,
        Informer<MailBackend> backends,
        Informer<MetadataObject> secrets,
        Informer<MetadataObject> namespaces,
        SecretMemory memory,
        WorkQueue<ObjectKey> deviceQueue,
        WorkQueue<ObjectKey> backendQueue)
    {
        devices.Changed += (before, after) =>
        {
            if (after is null)
            {
                memory.Forget(before!.Metadata.Uid);
            }

            if (before is null || after is null || before.Metadata.Uid != after.Metadata.Uid)
            {
                foreach (MailBackend backend in backends.Store.All)
                {
                    backendQueue.AddAfter(backend.Key, CountDelay, QueueLane.Resync);
                }
            }

            if (IsNews(before, after, static device => device.Status?.Conditions is null))
            {
                deviceQueue.Add((after ?? before)!.Key, devices.HasSynced ? QueueLane.Change : QueueLane.Resync);
            }
        };

        backends.Changed += (before, after) =>
        {
            if (!IsNews(before, after, static backend => backend.Status?.Conditions is null))
            {
                return;
            }

            MailBackend backend = (after ?? before)!;
            backendQueue.Add(backend.Key);
            foreach (MailDevice device in devices.Store.DevicesThatMayUse(backend.Metadata.Name))
            {
                deviceQueue.Add(device.Key, QueueLane.Resync);
            }
        };

        secrets.Changed += (before, after) =>
        {
            MetadataObject secret = (after ?? before)!;
            foreach (ObjectKey key in SecretIndex.DevicesOf(secret))
            {
                if (devices.Store.Find(key) is { } device
                    && (after is null || !memory.Knows(device.Metadata.Uid, after.Metadata.ResourceVersion)))
                {
                    deviceQueue.Add(key, secrets.HasSynced ? QueueLane.Change : QueueLane.Resync);
                }
            }
        };

        namespaces.Changed += (before, after) =>
        {
            if (after is null || before is null || (HaveSameLabels(before, after) && before.IsDeleting == after.IsDeleting))
            {
                return; // a namespace that has come or gone has brought or taken its devices, which tell of themselves
            }

            foreach (MailDevice device in devices.Store.ByIndex(ObjectIndexes.DevicesByNamespace, after.Metadata.Name))
            {
                deviceQueue.Add(device.Key, QueueLane.Resync);
            }
        };
    }

    /// <summary>Whether anything differs but the status; a status that was lost counts, for it must be rebuilt.</summary>
    public static bool IsNews<T>(T? before, T? after, Func<T, bool> hasLostStatus)
        where T : ApiObject =>
        before is null || after is null
        || before.Metadata.Uid != after.Metadata.Uid
        || before.Metadata.Generation != after.Metadata.Generation
        || before.Metadata.DeletionTimestamp != after.Metadata.DeletionTimestamp
        || before.DecodeError != after.DecodeError
        || !(before.Metadata.Finalizers ?? []).SequenceEqual(after.Metadata.Finalizers ?? [])
        || !Equal(before.Metadata.Annotations, after.Metadata.Annotations)
        || (hasLostStatus(after) && !hasLostStatus(before));

    private static bool HaveSameLabels(MetadataObject before, MetadataObject after) => Equal(before.Metadata.Labels, after.Metadata.Labels);

    private static bool Equal(IDictionary<string, string>? one, IDictionary<string, string>? other) =>
        (one?.Count ?? 0) == (other?.Count ?? 0)
        && (one is null || one.All(pair => other!.TryGetValue(pair.Key, out string? value) && value == pair.Value));
}
