using CsCheck;
using MailOperator.Kubernetes;

namespace MailOperator.UnitTests.Kubernetes;

public sealed class BackoffTests
{
    private static readonly Gen<int> Attempts =
        Gen.OneOf(Gen.Int[0, 70], Gen.Int[0, int.MaxValue], Gen.Const(int.MaxValue));
    private static readonly Gen<TimeSpan> Spans = Gen.OneOf(
        Gen.Long[0, TimeSpan.TicksPerHour], Gen.Long[0, long.MaxValue], Gen.Const(long.MaxValue),
        Gen.Const(0L)).Select(TimeSpan.FromTicks);

    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 10)]
    [InlineData(2, 20)]
    [InlineData(3, 40)]
    [InlineData(4, 60)]
    [InlineData(int.MaxValue, 60)]
    public void Delay_NoSpread_DoublesToTheMaximumExactly(int attempt, int seconds) =>
        Assert.Equal(
            TimeSpan.FromSeconds(seconds), Backoff.Delay(attempt, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1)));

    [Theory]
    [InlineData(0, 8)]
    [InlineData(0.5, 10)]
    [InlineData(1, 12)]
    public void Delay_Spread_IsAFractionToEitherSide(double dice, int seconds) =>
        Assert.Equal(
            TimeSpan.FromSeconds(seconds),
            Backoff.Delay(1, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1), 0.2, dice));

    [Fact]
    public void Delay_NegativeAttempt_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(
            static () => Backoff.Delay(-1, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1)));

    [Fact]
    public void Delay_AnyArguments_IsNeitherNegativeNorBeyondTheMaximumAndItsSpread() =>
        // Mutants: double whole ticks (overflow is negative); 0 times infinity, which is no number.
        Gen.Select(Attempts, Spans, Spans, Gen.Double[0, 1], Gen.Double[0, 1])
            .Sample(static (attempt, initial, max, spread, dice) =>
            {
                TimeSpan delay = Backoff.Delay(attempt, initial, max, spread, dice);
                return delay >= TimeSpan.Zero
                    && delay.Ticks <= (max.Ticks * (1 + spread) * (1 + 1e-12)) + 1; // rounding
            });

    [Fact]
    public void Delay_OneAttemptMore_IsNeverShorter() =>
        Gen.Select(
            Attempts, Spans, Spans, Gen.Double[0, 1],
            Gen.Double[0, 1]).Sample(static (attempt, initial, max, spread, dice) =>
            Backoff.Delay(attempt, initial, max, spread, dice)
                <= Backoff.Delay(attempt < int.MaxValue ? attempt + 1 : attempt, initial, max, spread, dice));
}
