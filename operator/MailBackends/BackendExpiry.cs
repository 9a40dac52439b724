using MailOperator.Api;

namespace MailOperator.MailBackends;

/// <summary>The ends that a MailBackend sets for its devices.</summary>
internal static class BackendExpiry
{
    /// <summary>
    /// How long after the creation of its device a password ends, if the device sets no end; null means never.
    /// </summary>
    public static TimeSpan? After(MailBackend backend) => Duration(backend.Spec.Expiry?.After);

    /// <summary>The longest that a device may ask for, also for what outlives it; null means no limit.</summary>
    public static TimeSpan? Maximum(MailBackend backend) => Duration(backend.Spec.Expiry?.Maximum);

    private static TimeSpan? Duration(string? text) => text is null ? null : Durations.Parse(text);
}
