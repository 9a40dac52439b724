using System.Runtime.CompilerServices;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>Waits for what other threads bring about; the machine's clock is only the end of patience.</summary>
internal static class Until
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(1);

    public static Task IsSoAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        WaitAsync(condition, static () => { }, what);

    /// <summary>Lets time pass in steps meanwhile, and returns how much had to pass.</summary>
    public static async Task<TimeSpan> IsSoAsync(
        FakeTimeProvider clock, TimeSpan step, Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        long start = clock.GetTimestamp();
        await WaitAsync(condition, () => clock.Advance(step), what);
        return clock.GetElapsedTime(start);
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
