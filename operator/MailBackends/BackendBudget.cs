using MailOperator.Backends;

namespace MailOperator.MailBackends;

/// <summary>How many passwords a minute one MailBackend replaces unasked, and who gets them. Not thread-safe.</summary>
/// <remarks>
/// A namespace has a quarter of the rate, and at least one a minute. It has no more when the others are idle: they may
/// come at any moment, and then must not wait. At once it may have half of the backend's burst. The more it had lately,
/// the more of the backend's tokens it must leave to others, up to half of them. So those who come rarely find one,
/// beside one namespace that asks all the time under any limit, and beside a dozen of them under 60 a minute or more.
/// Scheduled rotations have half of the namespace's share, so that the rest remains for Secrets that are gone.
/// </remarks>
internal sealed class BackendBudget
{
    // The burst is what ten seconds allow: a larger one is what the limit is there to prevent. It is at least two, so
    // that one can be left to others.
    private const int BurstsPerMinute = 6;
    private const int MinBurst = 2;

    // The part of a token that is missing may be worth less than the clock can tell.
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(1);

    private const double Share = 0.25;

    // Who had a quarter of the share or less has had nothing lately.
    private const double Rarely = 0.25;

    private readonly TokenBucket _tokens;
    private readonly TimeSpan _interval;
    private readonly int _burst;
    private readonly Dictionary<string, NamespaceBudget> _namespaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TimeSpan> _turns = new(StringComparer.Ordinal);
    private readonly TimeSpan[] _nextTurn = [TimeSpan.Zero, TimeSpan.Zero];

    // When all tokens are there again.
    private TimeSpan _full;

    public BackendBudget(int perMinute, TimeProvider clock)
    {
        PerMinute = perMinute;
        _interval = TimeSpan.FromMinutes(1) / perMinute;
        _burst = Math.Max(MinBurst, perMinute / BurstsPerMinute);
        _tokens = new TokenBucket(_burst, _interval, clock);
        SharePerMinute = Math.Max(1, perMinute * Share);
    }

    public int PerMinute { get; }

    /// <summary>What a namespace may have a minute.</summary>
    public double SharePerMinute { get; }

    /// <summary>How many namespaces are remembered.</summary>
    public int Namespaces => _namespaces.Count;

    /// <summary>It is as if it had never been used.</summary>
    public bool IsIdle(TimeSpan now) => _namespaces.Count == 0 && _full <= now;

    /// <summary>Takes one, or tells who has none left and how long that lasts.</summary>
    public BudgetAnswer Take(UnaskedRequest request, TimeSpan now)
    {
        if (!_namespaces.TryGetValue(request.Namespace, out NamespaceBudget? budget))
        {
            _namespaces[request.Namespace] = budget =
                new NamespaceBudget(_burst / 2, TimeSpan.FromMinutes(1) / SharePerMinute);
        }

        // Each stage is asked only once the one before it is passed, so whoever is refused takes nothing of the later.
        if (request.IsScheduled && budget.Scheduled.Left(request.Device, now) is { Ticks: > 0 } schedule)
        {
            return new BudgetAnswer(BudgetStage.Namespace, schedule);
        }

        if (budget.All.Left(request.Device, now) is { Ticks: > 0 } share)
        {
            budget.Scheduled.Keep(request.Device, now + share);
            return new BudgetAnswer(BudgetStage.Namespace, share);
        }

        int leaving = Math.Min(_burst / 2, budget.HadLately(now));
        if (LeftAtBackend(request.Device, leaving, now) is { Ticks: > 0 } wait)
        {
            budget.Scheduled.Keep(request.Device, now + wait);
            budget.All.Keep(request.Device, now + wait);
            return new BudgetAnswer(BudgetStage.Backend, wait);
        }

        budget.Passed(request.Device, now);
        _full = (_full > now ? _full : now) + _interval;
        return new BudgetAnswer(BudgetStage.None, TimeSpan.Zero);
    }

    /// <summary>Forgets who did not come back, and namespaces that are quiet.</summary>
    public void Sweep(TimeSpan now)
    {
        foreach ((string name, NamespaceBudget budget) in _namespaces.ToArray())
        {
            budget.Scheduled.Sweep(now);
            budget.All.Sweep(now);
            if (budget.IsIdle(now))
            {
                _namespaces.Remove(name);
            }
        }

        foreach (string past in _turns.Where(one => one.Value + Turnstile.Grace < now)
            .Select(static one => one.Key).ToArray())
        {
            _turns.Remove(past);
        }
    }

    // A queue in which all stand in line would put those who come rarely behind those who ask all the time. So a turn
    // is only when to come back: whoever then finds no token, because others came between, gets another one.
    private TimeSpan LeftAtBackend(string device, int leaving, TimeSpan now)
    {
        if (_turns.TryGetValue(device, out TimeSpan turn) && turn > now)
        {
            return turn - now;
        }

        if (_tokens.TryTake(1, leaving, out TimeSpan wait))
        {
            _turns.Remove(device);
            return TimeSpan.Zero;
        }

        ref TimeSpan next = ref _nextTurn[leaving == 0 ? 0 : 1];
        turn = now + (wait > LeastWait ? wait : LeastWait);
        turn = next > turn ? next : turn;
        next = turn + _interval;
        _turns[device] = turn;
        return turn - now;
    }

    private sealed class NamespaceBudget(int burst, TimeSpan interval)
    {
        private readonly TimeSpan _memory = interval / Rarely;
        private TimeSpan _busyUntil;

        /// <summary>Everything that the namespace gets.</summary>
        public Turnstile All { get; } = new(burst, interval);

        /// <summary>Rotations, before they stand in line with the rest.</summary>
        public Turnstile Scheduled { get; } = new(1, interval * 2);

        public int HadLately(TimeSpan now) => _busyUntil <= now ? 0 : (int)Math.Ceiling((_busyUntil - now) / _memory);

        public void Passed(string device, TimeSpan now)
        {
            Scheduled.Passed(device, now);
            All.Passed(device, now);
            _busyUntil = (_busyUntil > now ? _busyUntil : now) + _memory;
        }

        public bool IsIdle(TimeSpan now) => Scheduled.IsIdle(now) && All.IsIdle(now) && _busyUntil <= now;
    }
}

/// <summary>Whose budget is used up.</summary>
internal enum BudgetStage
{
    None,
    Namespace,
    Backend,
}

/// <param name="Stage">Whose budget is used up; None if there was one left.</param>
/// <param name="Wait">When to ask again.</param>
internal readonly record struct BudgetAnswer(BudgetStage Stage, TimeSpan Wait);
