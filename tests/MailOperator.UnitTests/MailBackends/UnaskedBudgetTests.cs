using MailOperator.Backends;
using MailOperator.MailBackends;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.MailBackends;

public sealed class UnaskedBudgetTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly UnaskedBudget _budget;

    public UnaskedBudgetTests() => _budget = new UnaskedBudget(_clock);

    [Fact]
    public void Take_OneDeviceAgainAndAgain_WaitsAsTheTableSays()
    {
        // Mutants: the first waits too; no exponent; no longest delay. A rate at which no other budget matters.
        var waits = new List<double>();
        for (int count = 0; count < 12; count++)
        {
            double waited = WaitFor("shop", "phone", perMinute: 6000);
            _budget.Replaced("phone");
            waits.Add(waited);
        }

        Assert.Equal([0, 0, 0, 0, 0, 2, 4, 8, 16, 30, 30, 30], waits);
    }

    [Fact]
    public void Take_DeviceLeftAloneForTheQuietTime_BeginsAgain()
    {
        // Mutants: never forgotten; forgotten while it goes on.
        for (int count = 0; count < 8; count++)
        {
            _clock.Advance(TimeSpan.FromMinutes(9));
            _budget.Replaced("phone");
        }

        Assert.True(Ask("shop", "phone", perMinute: 6000) > TimeSpan.Zero);
        _clock.Advance(Replacements.QuietTime);
        Assert.Equal(TimeSpan.Zero, Ask("shop", "phone", perMinute: 6000));
    }

    [Fact]
    public void Take_DeviceThatIsTamperedWith_HoldsBackNoOther() // mutant: one count for the namespace
    {
        for (int count = 0; count < 20; count++)
        {
            _budget.Replaced("phone");
        }

        Assert.Equal(TimeSpan.Zero, Ask("shop", "laptop"));
    }

    [Fact]
    public void Take_ScheduledRotation_IsNoTampering() // mutant: a device that rotates every minute backs off
    {
        for (int count = 0; count < 20; count++)
        {
            _budget.Replaced("phone");
        }

        Assert.Equal(TimeSpan.Zero, Ask("shop", "phone", isScheduled: true));
    }

    [Fact]
    public void Take_ManyOfOneNamespace_GetItsShareAndComeBackOneAfterTheOther()
    {
        // Mutants: the whole rate; all come back at the same moment; at random within a minute.
        double[] waits = [.. Enumerable.Range(0, 500).Select(one => Ask("shop", $"{one}").TotalSeconds)];

        Assert.Equal(5, waits.Count(static wait => wait == 0)); // half of what ten seconds of 60 a minute allow
        Assert.Equal(Enumerable.Range(1, 495).Select(static turn => turn * 4d), waits[5..]);
    }

    [Fact]
    public void Take_BeforeItsTurn_KeepsIt() // mutant: a new turn each time, so that whoever is looked at often is last
    {
        foreach (int one in Enumerable.Range(0, 20))
        {
            Ask("shop", $"{one}");
        }

        TimeSpan first = Ask("shop", "phone");
        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(first - TimeSpan.FromSeconds(10), Ask("shop", "phone"));
        _clock.Advance(first - TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.Zero, Ask("shop", "phone"));
    }

    [Fact]
    public void Take_SmallLimit_GivesANamespaceOneAndThenOneAMinute()
    {
        // Mutants: a sixth of one, rounded down, never lets anything through; a quarter of one, one in four minutes.
        Assert.Equal(TimeSpan.Zero, Ask("shop", "a", perMinute: 1));
        Assert.Equal(TimeSpan.FromMinutes(1), Ask("shop", "b", perMinute: 1));
        Assert.Equal(TimeSpan.FromMinutes(2), Ask("shop", "c", perMinute: 1));

        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.Zero, Ask("shop", "b", perMinute: 1));
        Assert.Equal(TimeSpan.Zero, Ask("bank", "d", perMinute: 1)); // mutant: nothing is left for others
    }

    [Fact]
    public void Take_AnotherBackend_HasABudgetOfItsOwn() // mutant: one budget for all
    {
        foreach (int one in Enumerable.Range(0, 20))
        {
            Ask("shop", $"{one}");
        }

        _budget.Take(new UnaskedRequest("another", "shop", "phone", IsScheduled: false), 60);
    }

    [Fact]
    public void Take_ManyRotationsAreDue_ADeletedSecretWaitsOnlyForItsTurn()
    {
        // Mutant: rotations stand in the same line. The repair would wait for a thousand of them, over an hour.
        foreach (int one in Enumerable.Range(0, 1000))
        {
            Ask("shop", $"{one}", isScheduled: true);
        }

        Assert.Equal(TimeSpan.Zero, Ask("shop", "phone"));
    }

    [Fact]
    public void Take_NothingIsLeft_WhoeverComesRarelyDoesNotStandBehindThoseWhoAskAllTheTime()
    {
        // Mutant: turns at the backend are one line. The last to come would wait for thirty others.
        foreach (int one in Enumerable.Range(0, 40))
        {
            Ask($"team-{one % 10}", $"{one}"); // ten get one, and thirty come a second time
        }

        Assert.InRange(Ask("bank", "phone"), TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData("device", "again and again")]
    [InlineData("namespace", "Namespace 'shop' has used its share, 15 a minute")]
    [InlineData("backend", "MailBackend 'dovecot' has replaced its 60 passwords a minute")]
    public void Take_Refused_SaysWhoseBudgetIsUsedUp(string whose, string words)
    {
        // Mutant: one message for all. Who is slow because of somebody else could not tell.
        foreach (int one in Enumerable.Range(0, 20))
        {
            _ = whose switch
            {
                "namespace" => Ask("shop", $"{one}"),
                "backend" => Ask($"other-{one}", $"{one}"),
                _ => Replaced("phone"),
            };
        }

        var busy = Assert.Throws<MailBackendException>(
            () => _budget.Take(new UnaskedRequest("dovecot", "shop", "phone", IsScheduled: false), 60));

        Assert.Equal(BackendFailure.Busy, busy.Failure);
        Assert.Contains(words, busy.Message);
    }

    [Fact]
    public void Take_LongAfterAllAreGone_RemembersNobody() // mutant: entries of deleted devices and namespaces stay
    {
        foreach (int one in Enumerable.Range(0, 200))
        {
            Ask($"team-{one % 20}", $"{one}");
            _budget.Replaced($"{one}");
        }

        Assert.Equal(221, _budget.Remembered);
        for (int minute = 0; minute < 30; minute++)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            Ask("shop", "phone");
        }

        Assert.Equal(2, _budget.Remembered);
    }

    private TimeSpan Replaced(string device)
    {
        _budget.Replaced(device);
        return TimeSpan.Zero;
    }

    private double WaitFor(string @namespace, string device, int perMinute)
    {
        TimeSpan wait = Ask(@namespace, device, perMinute: perMinute);
        _clock.Advance(wait);
        Assert.True(wait == TimeSpan.Zero || Ask(@namespace, device, perMinute: perMinute) == TimeSpan.Zero);
        return Math.Round(wait.TotalSeconds, 3);
    }

    private TimeSpan Ask(string @namespace, string device, bool isScheduled = false, int perMinute = 60)
    {
        try
        {
            _budget.Take(new UnaskedRequest("dovecot", @namespace, device, isScheduled), perMinute);
            return TimeSpan.Zero;
        }
        catch (MailBackendException e) when (e.Failure == BackendFailure.Busy)
        {
            return e.RetryAfter;
        }
    }
}
