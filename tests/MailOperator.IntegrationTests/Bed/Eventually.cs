using System.Diagnostics;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>
/// Polls a condition of the outside world. Fails if it never becomes true; how soon it does is measured only by tests
/// that run alone on the machine.
/// </summary>
internal static class Eventually
{
    /// <summary>
    /// Less than the minute after which the operator rechecks anyway, so that a missed event fails the test.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(150);

    public static Task<T> GetAsync<T>(string what, Func<Task<T?>> look)
        where T : class => GetAsync(what, Patience, look);

    /// <summary>The first value that is not null; fails with <paramref name="what"/> after the limit.</summary>
    public static async Task<T> GetAsync<T>(string what, TimeSpan limit, Func<Task<T?>> look)
        where T : class
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if (await look() is { } found)
            {
                return found;
            }

            Assert.True(clock.Elapsed < limit, $"Not within {limit.TotalSeconds} s: {what}");
            // Polls less often after a while, because each poll is work for the servers. Measured times are exact to a
            // tenth.
            TimeSpan pause = TimeSpan.FromTicks(Math.Clamp(clock.Elapsed.Ticks / 10, MinPause.Ticks, MaxPause.Ticks));
            await Task.Delay(pause, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public static Task<TimeSpan> TrueAsync(string what, Func<Task<bool>> look) => TrueAsync(what, Patience, look);

    /// <summary>
    /// Returns the time until the start of the poll that succeeded, because mail servers delay refused logins.
    /// </summary>
    public static async Task<TimeSpan> TrueAsync(string what, TimeSpan limit, Func<Task<bool>> look)
    {
        var clock = Stopwatch.StartNew();
        TimeSpan begun = TimeSpan.Zero;
        await GetAsync(what, limit, async () =>
        {
            begun = clock.Elapsed;
            return await look() ? "" : null;
        });
        return begun;
    }
}
