using MailOperator.Api;
using MailOperator.MailBackends;

namespace MailOperator.MailDevices.Spec;

/// <summary>When a device's password expires, from the device's spec and the limits of its MailBackend.</summary>
internal static class ExpiryResolver
{
    /// <summary>Counted from the creation of the device, so that only the spec can move it; null means never.</summary>
    public static DateTimeOffset? ExpiresAt(MailDevice device, MailBackend backend) =>
        device.Spec.Expiry?.At?.ToUniversalTime()
        ?? Created(device)
            + (Duration(device.Spec.Expiry?.After) ?? BackendExpiry.After(backend) ?? BackendExpiry.Maximum(backend));

    /// <summary>
    /// When every password ends at the latest, from what can be read of an invalid spec too: the earliest of all ends
    /// that are set. Never later than the MailBackend allows; null means never.
    /// </summary>
    public static DateTimeOffset? LatestEnd(MailDevice device, MailBackend backend)
    {
        DateTimeOffset created = Created(device);
        DateTimeOffset?[] own =
            [device.Spec.Expiry?.At?.ToUniversalTime(), created + Duration(device.Spec.Expiry?.After)];
        DateTimeOffset? asked = own.Min() ?? created + BackendExpiry.After(backend);
        return new[] { asked, created + BackendExpiry.Maximum(backend) }.Min();
    }

    /// <summary>What <see cref="LatestEnd"/> was counted from, as the end of a sentence; "" for a fixed time.</summary>
    public static string Because(MailDevice device, MailBackend backend)
    {
        DateTimeOffset created = Created(device);
        DateTimeOffset? end = LatestEnd(device, backend);
        string from = $"of the MailDevice, which was created at {Kubernetes.Rfc3339.Format(created)}";
        return end is null || end == device.Spec.Expiry?.At ? ""
            : end == created + Duration(device.Spec.Expiry?.After)
                ? $" (spec.expiry.after {device.Spec.Expiry!.After} counts from the creation {from})"
            : $" (spec.expiry of MailBackend '{backend.Metadata.Name}' counts from the creation {from})";
    }

    public static string? Problem(MailDevice device, MailBackend backend)
    {
        if (device.Spec.Expiry is { } expiry && expiry.At is null == expiry.After is null)
        {
            return "spec.expiry needs exactly one of at and after";
        }

        if (device.Spec.Expiry?.After is { } after && Duration(after) is null)
        {
            return $"spec.expiry.after '{after}' is not a duration such as 7d or 24h";
        }

        return BackendExpiry.Maximum(backend) is { } maximum && ExpiresAt(device, backend) > Created(device) + maximum
            ? $"spec.expiry is later than MailBackend '{backend.Metadata.Name}' allows: "
                + $"at most {Durations.Format(maximum)} after the MailDevice was created"
            : null;
    }

    private static DateTimeOffset Created(MailDevice device) =>
        device.Metadata.CreationTimestamp is { } created
            ? new DateTimeOffset(created.ToUniversalTime())
            : DateTimeOffset.UnixEpoch;

    private static TimeSpan? Duration(string? text) => text is null ? null : Durations.Parse(text);
}
