using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.MailBackends;

/// <summary>Keeps the quotas true: each device counted at the backend that it is for.</summary>
internal sealed class QuotaFeed(ObjectStore<MailDevice> devices, ObjectStore<MailBackend> backends, QuotaLedger quotas)
{
    private string? _defaultName;

    /// <summary>A device came, changed or went. To be called before it is enqueued: it is judged by its place.</summary>
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

    /// <summary>A MailBackend changed: with another default, devices that name none are for another backend.</summary>
    public void CountAgain()
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

    private void Count(MailDevice device) => quotas.Put(device, BackendSelection.NameFor(device, backends));
}
