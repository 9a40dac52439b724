namespace MailOperator.MailBackends;

/// <summary>What the times of a rotation may be, and the overlap of devices for which nobody sets one.</summary>
internal static class RotationLimits
{
    public static readonly TimeSpan DefaultOverlap = TimeSpan.FromHours(24);
    public static readonly TimeSpan MaxOverlap = TimeSpan.FromDays(90);
    public static readonly TimeSpan MinInterval = TimeSpan.FromSeconds(10);
}
