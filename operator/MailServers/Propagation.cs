namespace MailOperator.MailServers;

/// <summary>
/// From when on every mail server must have heard of a change at its backend: the one formula for it.
/// </summary>
internal static class Propagation
{
    // Times of conditions and slots are in whole seconds, rounded down.
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(1);

    /// <param name="changedAt">When the backend took the change.</param>
    /// <param name="delay">How long mail servers may take to hear of it.</param>
    public static DateTimeOffset EndsAt(DateTimeOffset changedAt, TimeSpan delay) => changedAt + delay + Rounding;

    /// <summary>How much longer a mail server may still act as before the change; zero or less if none does.</summary>
    /// <inheritdoc cref="EndsAt"/>
    public static TimeSpan Left(DateTimeOffset changedAt, TimeSpan delay, DateTimeOffset now) =>
        EndsAt(changedAt, delay) - now;
}
