using System.Globalization;
using MailOperator.Backends;
using MailOperator.MailBackends;
using MailOperator.UnitTests.MailDevices;

namespace MailOperator.UnitTests.MailBackends;

public sealed class OrphanPlannerTests
{
    private static readonly DateTimeOffset Now = Snapshots.Now;
    private static readonly TimeSpan Grace = TimeSpan.FromHours(24);
    private static readonly OrphanRules Rules = new(Grace, Maximum: null, OrphanConfirmation.None);

    [Fact]
    public void Plan_DeviceExists_IsNoOrphan() => Assert.Empty(Plan(10, orphans: 0).All);

    [Fact]
    public void Plan_FirstSeen_WaitsForItsGrace()
    {
        OrphanPlan plan = Plan(10, orphans: 1);

        Assert.Equal([("gone00", Now)], plan.All.Select(static orphan => (orphan.Slot.Selector, orphan.Since)));
        Assert.Empty(plan.ToRemove);
        Assert.Equal(Grace, plan.DueIn);
    }

    [Fact]
    public void Plan_GraceOver_IsRemoved() =>
        Assert.Equal(
            ["gone00"], Plan(10, orphans: 1, seen: Now - Grace).ToRemove.Select(static orphan => orphan.Slot.Selector));

    [Fact]
    public void Plan_GraceNotQuiteOver_Stays() =>
        Assert.Empty(Plan(10, orphans: 1, seen: Now - Grace + TimeSpan.FromSeconds(1)).ToRemove);

    [Fact]
    public void Plan_SeenInTheFuture_CountsFromNow() =>
        // Mutant: believe the time. An edited status, or a clock that was set back, would keep an orphan for ever.
        Assert.Equal(Now, Plan(10, orphans: 1, seen: Now.AddYears(9)).All[0].Since);

    [Fact]
    public void Plan_PolicyReport_RemovesNothing() =>
        Assert.Empty(Plan(10, orphans: 1, seen: Now.AddDays(-9), isReport: true).ToRemove);

    [Theory]
    [InlineData(2, 1, 0, 1)] // a single orphan is always removed
    [InlineData(10, 2, 0, 2)] // one in five
    [InlineData(10, 3, 0, 0)] // more than that: blocked
    [InlineData(10, 3, 2, 0)] // a person confirmed fewer
    [InlineData(10, 3, 3, 3)]
    [InlineData(10, 10, 0, 0)] // the whole backend
    public void Plan_ManyOrphans_NeedConfirmation(int slots, int orphans, int confirmed, int removed)
    {
        OrphanPlan plan = Plan(slots, orphans, seen: Now.AddDays(-2), confirmed: confirmed);

        Assert.Equal((removed, removed == 0), (plan.ToRemove.Length, !plan.Held.IsEmpty));
    }

    [Fact]
    public void Plan_ManyOrphansOfWhichFewAreDue_AreBlocked()
    {
        // Mutant: count only those that are due. All would be removed, a few at a time.
        var known = new Dictionary<string, DateTimeOffset>
        {
            [OrphanPlanner.KeyOf("uid-gone-0", "gone00")] = Now.AddDays(-2),
        };

        OrphanPlan plan = OrphanPlanner.Plan([.. Slots(10, orphans: 5)], Living(10), known, Rules, Now);

        Assert.NotEmpty(plan.Held);
        Assert.Empty(plan.ToRemove);
    }

    [Fact]
    public void Plan_OneOfAnotherOperator_HoldsBackAllButTheMaximum()
    {
        // Mutants: remove the others, which may be that operator's too; hold back what the platform's maximum ends.
        Slot[] slots =
        [
            .. Slots(10, orphans: 2),
            Of("uid-gone-2", "gone02") with { IssuedAt = Now.AddDays(-400) },
        ];
        var rules = new OrphanRules(Grace, TimeSpan.FromDays(365), Confirmed(10))
        {
            IsOfAnother = static slot => slot.Selector == "gone01",
        };

        OrphanPlan plan = OrphanPlanner.Plan(slots, Living(8), Seen(3, Now.AddDays(-2)), rules, Now);

        Assert.Equal("gone01", plan.OfAnother!.Slot.Selector);
        Assert.Equal("gone02", Assert.Single(plan.ToRemove).Slot.Selector);
        Assert.Equal(3, OrphanPlanner.Plan(
            slots, Living(8), Seen(3, Now.AddDays(-2)), rules with { IsOfAnother = static _ => false }, Now)
            .ToRemove.Length);
    }

    [Fact]
    public void Plan_Retained_IsNoOrphan() =>
        Assert.Empty(OrphanPlanner.Plan(
            [.. Slots(10, orphans: 1).Select(static slot => slot with { IsRetained = true })], Living(0), Seen(0, Now),
            Rules, Now).All);

    private static OrphanPlan Plan(
        int slots, int orphans, DateTimeOffset? seen = null, bool isReport = false, int confirmed = 0) =>
        OrphanPlanner.Plan(
            [.. Slots(slots, orphans)],
            Living(slots - orphans),
            seen is { } at ? Seen(orphans, at) : Seen(0, Now),
            new OrphanRules(isReport ? null : Grace, Maximum: null, Confirmed(confirmed)),
            Now);

    private static OrphanConfirmation Confirmed(int count) =>
        OrphanConfirmation.Parse(count.ToString(CultureInfo.InvariantCulture));

    private static IEnumerable<Slot> Slots(int count, int orphans) =>
        Enumerable.Range(0, count - orphans).Select(static number => Of($"uid-{number}", $"live{number:D2}"))
            .Concat(Enumerable.Range(0, orphans).Select(static number => Of($"uid-gone-{number}", $"gone{number:D2}")));

    private static Slot Of(string uid, string selector) =>
        Snapshots.Slot(selector) with { Owner = new SlotOwner("cluster", uid) };

    private static HashSet<string> Living(int count) =>
        [.. Enumerable.Range(0, count).Select(static number => $"uid-{number}")];

    private static Dictionary<string, DateTimeOffset> Seen(int orphans, DateTimeOffset at) =>
        Enumerable.Range(0, orphans).ToDictionary(
            static number => OrphanPlanner.KeyOf($"uid-gone-{number}", $"gone{number:D2}"), _ => at);
}
