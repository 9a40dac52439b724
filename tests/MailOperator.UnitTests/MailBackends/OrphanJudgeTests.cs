using MailOperator.Backends;
using MailOperator.MailBackends;
using MailOperator.UnitTests.MailDevices;

namespace MailOperator.UnitTests.MailBackends;

public sealed class OrphanJudgeTests
{
    private static readonly DateTimeOffset Now = Snapshots.Now;
    private static readonly TimeSpan Grace = TimeSpan.FromHours(24);

    [Fact]
    public void Judge_DeviceLives_IsNoOrphan() => Assert.Empty(Judge(10, orphans: 0).All);

    [Fact]
    public void Judge_FirstSeen_WaitsForItsGrace()
    {
        OrphanFindings findings = Judge(10, orphans: 1);

        Assert.Equal([("gone00", Now)], findings.All.Select(static orphan => (orphan.Slot.Selector, orphan.Since)));
        Assert.Empty(findings.ToRemove);
        Assert.Equal(Grace, findings.DueIn);
    }

    [Fact]
    public void Judge_GraceOver_Goes() =>
        Assert.Equal(["gone00"], Judge(10, orphans: 1, seen: Now - Grace).ToRemove.Select(static orphan => orphan.Slot.Selector));

    [Fact]
    public void Judge_GraceNotQuiteOver_Stays() => Assert.Empty(Judge(10, orphans: 1, seen: Now - Grace + TimeSpan.FromSeconds(1)).ToRemove);

    [Fact]
    public void Judge_SeenInTheFuture_CountsFromNow() =>
        // Mutant: a status that was edited, or a clock that was set back, keeps an orphan for ever.
        Assert.Equal(Now, Judge(10, orphans: 1, seen: Now.AddYears(9)).All[0].Since);

    [Fact]
    public void Judge_PolicyReport_RemovesNothing() => Assert.Empty(Judge(10, orphans: 1, seen: Now.AddDays(-9), isReport: true).ToRemove);

    [Theory]
    [InlineData(2, 1, 0, 1)] // the only one of two may always go
    [InlineData(10, 2, 0, 2)] // one in five
    [InlineData(10, 3, 0, 0)] // more than that: held
    [InlineData(10, 3, 2, 0)] // a person agreed to fewer
    [InlineData(10, 3, 3, 3)]
    [InlineData(10, 10, 0, 0)] // the whole backend
    public void Judge_ManyOrphans_NeedAPersonsWord(int slots, int orphans, int agreed, int removed)
    {
        OrphanFindings findings = Judge(slots, orphans, seen: Now.AddDays(-2), agreed: agreed);

        Assert.Equal((removed, removed == 0), (findings.ToRemove.Length, findings.IsHeld));
    }

    [Fact]
    public void Judge_ManyOrphansOfWhichFewAreDue_AreHeldAllTheSame()
    {
        // Mutant: the share of those that are due alone. They would all go, a few at a time.
        var known = new Dictionary<string, DateTimeOffset> { [OrphanJudge.KeyOf("uid-gone-0", "gone00")] = Now.AddDays(-2) };

        OrphanFindings findings = OrphanJudge.Judge([.. Slots(10, orphans: 5)], Living(10), known, Grace, agreed: 0, Now);

        Assert.True(findings.IsHeld);
        Assert.Empty(findings.ToRemove);
    }

    [Fact]
    public void Judge_Retained_IsNoOrphan() =>
        Assert.Empty(OrphanJudge.Judge(
            [.. Slots(10, orphans: 1).Select(static slot => slot with { IsRetained = true })], Living(0), Seen(0, Now), Grace, agreed: 0, Now).All);

    private static OrphanFindings Judge(int slots, int orphans, DateTimeOffset? seen = null, bool isReport = false, int agreed = 0) => OrphanJudge.Judge(
        [.. Slots(slots, orphans)], Living(slots - orphans), seen is { } at ? Seen(orphans, at) : Seen(0, Now), isReport ? null : Grace, agreed, Now);

    private static IEnumerable<Slot> Slots(int count, int orphans) =>
        Enumerable.Range(0, count - orphans).Select(static number => Of($"uid-{number}", $"live{number:D2}"))
            .Concat(Enumerable.Range(0, orphans).Select(static number => Of($"uid-gone-{number}", $"gone{number:D2}")));

    private static Slot Of(string uid, string selector) => Snapshots.Slot(selector) with { Owner = new SlotOwner("cluster", uid) };

    private static HashSet<string> Living(int count) => [.. Enumerable.Range(0, count).Select(static number => $"uid-{number}")];

    private static Dictionary<string, DateTimeOffset> Seen(int orphans, DateTimeOffset at) =>
        Enumerable.Range(0, orphans).ToDictionary(static number => OrphanJudge.KeyOf($"uid-gone-{number}", $"gone{number:D2}"), _ => at);
}
