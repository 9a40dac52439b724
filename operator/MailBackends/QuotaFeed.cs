using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.MailBackends;

/// <summary>Keeps <see cref="QuotaLedger"/> up to date: each device is counted at its MailBackend.</summary>
internal sealed class QuotaFeed(ObjectStore<MailDevice> devices, ObjectStore<MailBackend> backends, QuotaLedger quotas)
{
    private string? _defaultName;

    /// <summary>
    /// Call this when a device was added, changed or deleted, before it is requeued: its reconcile needs its place.
    /// </summary>
    public void Count(MailDevice? before, MailDevice? after)
    {
        if (after is null)
        {
            quotas.Remove(before!.Key);
        }
        else
        {
            Count(after);
        }
    }

    /// <summary>
    /// Call this when a MailBackend changed: the devices that name none move to another default.
    /// </summary>
    public void Recount()
    {
        if (BackendSelection.DefaultName(backends) is var name && name == _defaultName)
        {
            return;
        }

        _defaultName = name;
        foreach (MailDevice device in devices.All)
        {
            Count(device);
        }
    }

    // Where its credential is comes first: a spec that names another MailBackend must not free the place.
    private void Count(MailDevice device) => quotas.Put(
        device, device.BoundBackend ?? BackendSelection.NameFor(device, backends));
}
