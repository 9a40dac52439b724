using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>
/// A clock that knows whether a delay is running on it, which tells idle code from code that still works.
/// </summary>
internal sealed class SteppedClock() : FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero))
{
    private int _delays;

    public bool IsDelaying => Volatile.Read(ref _delays) > 0;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        state is CancellationTokenSource // a deadline: no code waits for it
            ? base.CreateTimer(callback, state, dueTime, period)
            : new Delay(this, callback, state, (fired, inner) => base.CreateTimer(fired, inner, dueTime, period));

    private sealed class Delay : ITimer
    {
        private readonly SteppedClock _clock;
        private readonly ITimer _timer;
        private int _isOver;

        public Delay(
            SteppedClock clock, TimerCallback callback, object? state, Func<TimerCallback, object?, ITimer> create)
        {
            _clock = clock;
            Interlocked.Increment(ref clock._delays);
            _timer = create(
                inner =>
                {
                    End();
                    callback(inner);
                },
                state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => _timer.Change(dueTime, period);

        public void Dispose()
        {
            End();
            _timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            End();
            return _timer.DisposeAsync();
        }

        private void End()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                Interlocked.Decrement(ref _clock._delays);
            }
        }
    }
}
