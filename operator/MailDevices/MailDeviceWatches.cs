using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.MailDevices.Secrets;

namespace MailOperator.MailDevices;

/// <summary>
/// Maps events to the MailDevices to reconcile. Our own status writes requeue nothing. Objects that a person changed go
/// before those that are requeued because of another object.
/// </summary>
internal sealed class MailDeviceWatches(
    Informer<MailDevice> devices,
    Informer<MailBackend> backends,
    Informer<MailUser> users,
    Informer<SecretMetadata> secrets,
    Informer<NamespaceMetadata> namespaces,
    QuotaLedger quotas,
    SecretMemory memory,
    ReconcileQueue<MailDevice> queue) : IWatches
{
    private readonly QuotaFeed _feed = new(devices.Store, backends.Store, quotas);

    public void Connect()
    {
        quotas.PlaceFreed += key => queue.Add(key);
        devices.Changed += OnDevice;
        backends.Changed += OnBackend;
        users.Changed += OnUser;
        secrets.Changed += OnSecret;
        namespaces.Changed += OnNamespace;
    }

    private void OnDevice(MailDevice? before, MailDevice? after)
    {
        _feed.Count(before, after);
        if (after is null)
        {
            memory.Forget(before!.Metadata.Uid);
        }

        if (IsNews(before, after))
        {
            queue.Add((after ?? before)!.Key, devices.Lane);
        }
    }

    // A restored device goes on once the watch shows under which UID.
    internal static bool IsNews(MailDevice? before, MailDevice? after) =>
        ObjectNews.Is(before, after, static device => device.Status?.Conditions is null)
        || before?.PasswordUid != after?.PasswordUid;

    private void OnBackend(MailBackend? before, MailBackend? after)
    {
        _feed.Recount();
        if (ObjectNews.Is(before, after, static backend => backend.Status?.Conditions is null))
        {
            queue.AddAll(devices.Store.DevicesThatMayUse((after ?? before)!.Metadata.Name));
        }
    }

    private void OnUser(MailUser? before, MailUser? after)
    {
        if (!ObjectNews.Is(before, after, static user => user.Status?.Conditions is null))
        {
            return;
        }

        foreach (MailDevice device in devices.Store.ByIndex(ObjectIndexes.DevicesByUser, (after ?? before)!.Key))
        {
            // Uses the user's lane, so that blocking a person from sending takes effect at once.
            queue.Add(device.Key, users.Lane);
        }
    }

    private void OnSecret(SecretMetadata? before, SecretMetadata? after)
    {
        foreach (ObjectKey key in SecretIndex.DevicesOf((after ?? before)!))
        {
            if (devices.Store.Find(key) is { } device
                && (after is null || !memory.Knows(device.Metadata.Uid, after.Metadata.ResourceVersion)))
            {
                queue.Add(key, secrets.Lane);
            }
        }
    }

    private void OnNamespace(NamespaceMetadata? before, NamespaceMetadata? after)
    {
        if (ObjectNews.IsOfNamespace(before, after))
        {
            queue.AddAll(devices.Store.ByIndex(ObjectIndexes.DevicesByNamespace, after!.Metadata.Name));
        }
    }
}
