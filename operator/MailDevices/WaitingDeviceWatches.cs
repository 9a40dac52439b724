using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.MailDevices;

/// <summary>
/// Wakes the devices that wait for something outside themselves when it is corrected: somebody has just done that, and
/// waits.
/// </summary>
internal sealed class WaitingDeviceWatches(
    Informer<MailDevice> devices, Informer<MailBackend> backends, SecretFeed secrets, ReconcileQueue<MailDevice> queue)
    : IWatches
{
    public void Connect()
    {
        secrets.Changed += OnSecret;
        backends.Changed += OnBackend;
    }

    // The source of a chosen password, or a Secret of others with the name of the device's own.
    private void OnSecret(ObjectKey secret)
    {
        foreach (MailDevice device in devices.Store.ByIndex(ObjectIndexes.DevicesBySecret, secret))
        {
            queue.Add(device.Key);
        }
    }

    private void OnBackend(MailBackend? before, MailBackend? after)
    {
        if (after is not null && IsReady(after) && !IsReady(before))
        {
            queue.AddAll(devices.Store.DevicesThatMayUse(after.Metadata.Name).Where(static device =>
                !StatusConditions.Find(device.Status?.Conditions ?? [], ConditionTypes.Ready).IsTrue()));
        }
    }

    private static bool IsReady(MailBackend? backend) =>
        StatusConditions.Find(backend?.Status?.Conditions ?? [], ConditionTypes.Ready).IsTrue();
}
