using System.Runtime.CompilerServices;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>Waits for what other threads do; the machine's clock is only the timeout.</summary>
internal static class Until
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(1);

    public static Task IsSoAsync(
        Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        WaitAsync(condition, static () => { }, what);

    /// <summary>
    /// Lets time pass in steps meanwhile, and returns how much had to pass. A step is taken only when nothing was
    /// busy at two looks in a row: what a busy machine does late must not seem to have taken long.
    /// </summary>
    public static async Task<TimeSpan> IsSoAsync(
        FakeTimeProvider clock,
        TimeSpan step,
        Func<bool> condition,
        Func<bool>? isBusy = null,
        [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        long start = clock.GetTimestamp();
        int quietLooks = 0;
        await WaitAsync(condition, LookAndAdvance, what);
        return clock.GetElapsedTime(start);

        void LookAndAdvance()
        {
            quietLooks = isBusy?.Invoke() is true ? 0 : quietLooks + 1;
            if (quietLooks == 2)
            {
                quietLooks = 0;
                clock.Advance(step);
            }
        }
    }

    private static async Task WaitAsync(Func<bool> condition, Action between, string what)
    {
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, $"Still not so: {what}");
            between();
            await Task.Delay(Look, TimeProvider.System, cancelled);
        }
    }
}
