using CsCheck;
using MailOperator.MailBackends;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.MailBackends;

/// <summary>Devices that ask all the time, and what each of them gets.</summary>
public sealed class UnaskedBudgetModelTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly Gen<int> Limits =
        Gen.OneOf(Gen.Const(1), Gen.Const(3), Gen.Const(12), Gen.Const(60), Gen.Const(600));


    [Fact]
    public void Take_WhoeverAsksHowever_NoNamespaceAndNoBackendGetsMoreThanItsRate() =>
        Gen.Select(Gen.Int[0, int.MaxValue], Limits, Gen.Int[1, 8]).Sample(
            (seed, perMinute, namespaces) =>
            {
                // Mutants: turns that are used late pass all at once; the backend's tokens are not counted.
                var world = new World(seed, perMinute);
                world.Add(namespaces, devices: 15, isImpatient: true);
                world.Run(TimeSpan.FromMinutes(10));

                int burst = Math.Max(2, perMinute / 6);
                double share = Math.Max(1, perMinute / 4d);
                AssertRate(world.Grants.Select(static one => one.At), burst, perMinute);
                foreach (var grants in world.Grants.GroupBy(static one => one.Namespace))
                {
                    AssertRate(grants.Select(static one => one.At), burst / 2, share);
                }
            },
            iter: 30);

    [Fact]
    public void Take_BesideDevicesThatAskAllTheTime_SomebodyWhoComesRarelyWaitsLessThanASecond() =>
        Gen.Select(Gen.Int[0, int.MaxValue], Limits, Gen.Int[1, 12]).Sample(
            (seed, perMinute, namespaces) =>
            {
                // Mutant: busy namespaces may take the last token.
                var world = new World(seed, perMinute);
                double share = Math.Max(1, perMinute / 4d);
                TimeSpan rarely = 5 * (Minute / share);
                // A small limit has so few tokens that several namespaces at once leave none.
                world.Add(perMinute < 60 ? 1 : namespaces, devices: 40, isImpatient: true);
                world.Run(4 * rarely); // while they are new, they are not known to ask all the time
                for (int visit = 0; visit < 3; visit++)
                {
                    world.Run(rarely);
                    Assert.InRange(world.WaitOf("bank", $"{visit}"), TimeSpan.Zero, TimeSpan.FromSeconds(1));
                }
            },
            iter: 200);

    [Fact]
    public void Take_OneNamespaceAsks_UsesItsShare() // mutant: lost turns; whoever waits gets less than what is left
    {
        var world = new World(seed: 1, perMinute: 60);
        world.Add(namespaces: 1, devices: 40, isImpatient: false);

        world.Run(TimeSpan.FromMinutes(10));

        Assert.InRange(world.Grants.Count, 150, 156);
    }

    [Fact]
    public void Take_FiveHundredWait_AllGetOneInTheirTurnAndFewAskInVain() // mutant: all ask for each token
    {
        var world = new World(seed: 1, perMinute: 60);
        world.Add(namespaces: 100, devices: 5, isImpatient: false, isOnce: true);

        world.Run(TimeSpan.FromMinutes(20));

        Assert.Equal(500, world.Grants.Count);
        Assert.InRange(world.Grants[^1].At, 8 * Minute, 10 * Minute);
        Assert.InRange(world.Asked, 500, 6 * 500);
    }

    // In any time no more than the burst and what comes back in that time.
    private static void AssertRate(IEnumerable<TimeSpan> times, int burst, double perMinute)
    {
        TimeSpan interval = Minute / perMinute;
        TimeSpan full = TimeSpan.Zero;
        foreach (TimeSpan time in times)
        {
            full = (full > time ? full : time) + interval;
            Assert.True(full - time <= (interval * burst) + TimeSpan.FromMilliseconds(1), $"Too many at {time}.");
        }
    }

    private sealed class World(int seed, int perMinute)
    {
        private readonly FakeTimeProvider _clock = new();
        private readonly Random _random = new(seed);
        private readonly PriorityQueue<Asker, TimeSpan> _next = new();
        private BackendBudget? _budget;
        private TimeSpan _now;

        public List<(TimeSpan At, string Namespace)> Grants { get; } = [];

        public int Asked { get; private set; }

        private BackendBudget Budget => _budget ??= new BackendBudget(perMinute, _clock);

        public void Add(int namespaces, int devices, bool isImpatient, bool isOnce = false)
        {
            for (int one = 0; one < namespaces * devices; one++)
            {
                var asker = new Asker($"team-{one % namespaces}", $"device-{one}", isImpatient, isOnce);
                _next.Enqueue(asker, _now + TimeSpan.FromMilliseconds(_random.Next(1000)));
            }
        }

        public void Run(TimeSpan time)
        {
            TimeSpan end = _now + time;
            while (_next.TryPeek(out Asker? asker, out TimeSpan at) && at <= end)
            {
                _next.Dequeue();
                Until(at);
                TimeSpan wait = Ask(asker.Namespace, asker.Device);
                if (wait == TimeSpan.Zero && asker.IsOnce)
                {
                    continue;
                }

                // Somebody edits the Secret again, which wakes the device before its turn.
                TimeSpan edit = TimeSpan.FromMilliseconds(_random.Next(500, 10000));
                _next.Enqueue(
                    asker, _now + (wait == TimeSpan.Zero || (asker.IsImpatient && edit < wait) ? edit : wait));
            }

            Until(end);
        }

        public TimeSpan WaitOf(string @namespace, string device)
        {
            TimeSpan begun = _now;
            while (Ask(@namespace, device) is { Ticks: > 0 } wait && _now - begun < Minute)
            {
                Run(wait < Minute ? wait : Minute);
            }

            return _now - begun;
        }

        private TimeSpan Ask(string @namespace, string device)
        {
            Asked++;
            BudgetAnswer answer = Budget.Take(
                new UnaskedRequest("dovecot", @namespace, device, IsScheduled: false), _now);
            if (answer.Stage == BudgetStage.None)
            {
                Grants.Add((_now, @namespace));
            }

            return answer.Wait;
        }

        private void Until(TimeSpan time)
        {
            if (time > _now)
            {
                _clock.Advance(time - _now);
                _now = time;
            }
        }

        private sealed record Asker(string Namespace, string Device, bool IsImpatient, bool IsOnce);
    }
}
