using System.Text.RegularExpressions;
using MailOperator.Kubernetes;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes;

public sealed partial class EventCorrelatorTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly EventCorrelator _correlator;

    public EventCorrelatorTests() => _correlator = new EventCorrelator(_clock);

    [Theory]
    [InlineData("uid-2", "Warning", "Reason", "no")]
    [InlineData("uid-1", "Normal", "Reason", "no")]
    [InlineData("uid-1", "Warning", "Other", "no")]
    [InlineData("uid-1", "Warning", "Reason", "yes")]
    public void Correlate_OneThingDiffers_IsAnotherEvent(string uid, string severity, string reason, string message)
    {
        EventSeries first = _correlator.Correlate(Said())!;

        EventSeries second = _correlator.Correlate(Said(uid, severity, reason, message))!;

        Assert.NotEqual(first.Key, second.Key);
        Assert.Equal(1, second.Count);
    }

    [Fact]
    public void Correlate_SimilarOnesOverALongTime_StayApart()
    {
        // Mutant: count similar ones for ever.
        for (int number = 0; number < 12; number++)
        {
            Assert.Equal($"text {number}", _correlator.Correlate(Said(message: $"text {number}"))!.Message);
            _clock.Advance(TimeSpan.FromMinutes(2));
        }
    }

    [Fact]
    public void Correlate_Aggregated_CountsUpTheOneThatStandsForAll()
    {
        EventSeries[] all =
            [.. Enumerable.Range(0, 15).Select(number => _correlator.Correlate(Said(message: $"text {number}"))!)];

        Assert.Equal([1, 2, 3, 4, 5], all[10..].Select(static series => series.Count));
        Assert.Single(all[10..].Select(static series => series.Key).Distinct());
    }

    [Fact]
    public void Correlate_AfterALongQuiet_HasABurstAndNoMore()
    {
        // Mutant: let unused tokens pile up beyond the burst.
        _clock.Advance(TimeSpan.FromDays(30));
        _ = _correlator.Correlate(Said());
        _clock.Advance(TimeSpan.FromDays(30));

        int written = Enumerable.Range(0, 100).Count(_ => _correlator.Correlate(Said()) is not null);

        Assert.Equal(EventCorrelator.Burst, written);
    }

    [Fact]
    public void Correlate_Refused_StillRefillsAtTheSameRate()
    {
        // Mutant: restart the refill with each refusal; an object that emits often never gets another.
        for (int number = 0; number < EventCorrelator.Burst; number++)
        {
            _ = _correlator.Correlate(Said());
        }

        int written = 0;
        for (int minute = 0; minute < 50; minute++)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            written += _correlator.Correlate(Said()) is null ? 0 : 1;
        }

        Assert.InRange(written, 9, 10);
    }

    [Fact]
    public void Forget_OfOneReason_BeginsItAnewAndLeavesTheOthers()
    {
        EventSeries gone = _correlator.Correlate(Said())!, kept = _correlator.Correlate(Said(reason: "Other"))!;

        _correlator.Forget(Said());

        Assert.NotEqual(gone.Key, _correlator.Correlate(Said())!.Key);
        Assert.Equal((kept.Key, 2), (
            _correlator.Correlate(Said(reason: "Other"))!.Key,
            _correlator.Correlate(Said(reason: "Other"))!.Count - 1));
    }

    [Fact]
    public void Correlate_ManyObjects_KeepsMemoryBounded()
    {
        // Mutant: remember every object that ever had an Event.
        _ = _correlator.Correlate(Said());
        for (int number = 0; number < 20_000; number++)
        {
            _ = _correlator.Correlate(Said(uid: $"uid-{number}"));
        }

        Assert.Equal(1, _correlator.Correlate(Said())!.Count); // it has forgotten the first
    }

    [Theory]
    [InlineData("grafana")]
    [InlineData("long")]
    [InlineData("long with a dash at the cut")]
    public void Correlate_AnyName_GivesAnEventNameThatTheServerTakes(string kind)
    {
        string name = kind switch
        {
            "long" => new string('a', 253),
            "long with a dash at the cut" => new string('a', 198) + ".-" + new string('b', 53),
            _ => kind,
        };

        string written = _correlator.Correlate(Said(name: name))!.Key.Name;

        Assert.InRange(written.Length, 1, 253);
        Assert.Matches(Subdomain(), written);
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")]
    private static partial Regex Subdomain();

    private RecordedEvent Said(
        string uid = "uid-1",
        string severity = "Warning",
        string reason = "Reason",
        string message = "no",
        string name = "a") =>
        new(FakeApi.Things, new ObjectKey("ns", name), uid, "1", severity, reason, message, _clock.GetUtcNow());
}
