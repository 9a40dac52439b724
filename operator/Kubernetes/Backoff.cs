namespace MailOperator.Kubernetes;

/// <summary>Exponential backoff: the delay doubles with each failure up to a maximum.</summary>
internal static class Backoff
{
    /// <summary>The delay before the next try, at most <paramref name="max"/>.</summary>
    /// <param name="attempt">Failures before this one; 0 gives <paramref name="initial"/>.</param>
    /// <param name="initial">The first delay.</param>
    /// <param name="max">The longest delay.</param>
    /// <exception cref="ArgumentOutOfRangeException">The attempt is negative.</exception>
    public static TimeSpan Delay(int attempt, TimeSpan initial, TimeSpan max) =>
        Delay(attempt, initial, max, spread: 0, dice: 0);

    /// <summary>
    /// The same with jitter, which is applied last: a delay may be longer than <paramref name="max"/> by the spread.
    /// </summary>
    /// <param name="attempt">Failures before this one; 0 gives <paramref name="initial"/>.</param>
    /// <param name="initial">The first delay.</param>
    /// <param name="max">The longest delay before the jitter.</param>
    /// <param name="spread">Jitter as a fraction of the delay, 0 to 1: 0.2 is give or take a fifth.</param>
    /// <param name="dice">A random number from 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The attempt is negative.</exception>
    public static TimeSpan Delay(int attempt, TimeSpan initial, TimeSpan max, double spread, double dice)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(attempt);
        // Floating point: doubling whole ticks would overflow. 63 doublings of one tick are more than any TimeSpan.
        double ticks = Math.Min(Math.ScaleB(initial.Ticks, Math.Min(attempt, 63)), max.Ticks);
        return TimeSpan.FromTicks(unchecked((long)(ticks * (1 - spread + (2 * spread * dice))))); // saturates
    }
}
