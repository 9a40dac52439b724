using MailOperator.Api;

namespace MailOperator.Reporting;

/// <summary>
/// What a new object lacks may be created at the same time: files are applied in any order. For a while it is reported
/// as in progress, without a Warning event. Pure.
/// </summary>
internal static class ApplyGrace
{
    /// <summary>How long after its creation an object waits for what it names.</summary>
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(30);

    /// <summary>The end of a message about what may still come.</summary>
    public static readonly string Note =
        $" (it may still come; this is a problem from {Durations.Format(Time)} after the creation on)";

    /// <summary>How much longer it waits before this reason is a problem; null if it is one.</summary>
    public static TimeSpan? Left(DateTimeOffset? createdAt, string reason, DateTimeOffset now) =>
        reason is Reasons.UserNotFound or Reasons.BackendUnavailable or Reasons.BackendUnauthorized
            or Reasons.PasswordSourceMissing
        && createdAt + Time - now is { } left && left > TimeSpan.Zero && left <= Time
            ? left
            : null;
}
