using CsCheck;
using MailOperator.Backends;
using MailOperator.MailBackends;
using MailOperator.UnitTests.MailDevices;

namespace MailOperator.UnitTests.MailBackends;

/// <summary>Which namespace's orphans are held back, and that none outlives the maximum.</summary>
public sealed class OrphanHoldTests
{
    private static readonly DateTimeOffset Now = Snapshots.Now;
    private static readonly TimeSpan Grace = TimeSpan.FromHours(24);
    private static readonly TimeSpan Maximum = TimeSpan.FromDays(30);

    [Fact]
    public void Plan_ManyOrphansOfOneNamespace_HoldBackOnlyTheirOwn()
    {
        // Mutant: judge over the whole backend. A tenant could keep the orphans of all others working.
        OrphanPlan plan = Plan([.. Of("flood", living: 0, orphans: 30), .. Of("shop", living: 10, orphans: 2)]);

        Assert.Equal([new KeyValuePair<string, int>("flood", 30)], plan.Held);
        Assert.Equal(["shop", "shop"], plan.ToRemove.Select(static orphan => orphan.Namespace));
    }

    [Fact]
    public void Plan_ManySlotsOfAnotherNamespace_DoNotHideAFault()
    {
        // Mutant: take one in five of all slots. A namespace that lost all its devices would lose its passwords too.
        OrphanPlan plan = Plan([.. Of("large", living: 100, orphans: 0), .. Of("shop", living: 0, orphans: 3)]);

        Assert.Equal([new KeyValuePair<string, int>("shop", 3)], plan.Held);
        Assert.Empty(plan.ToRemove);
    }

    [Theory]
    [InlineData("shop=3", 0)]
    [InlineData(" billing=9 , shop=4 ", 0)]
    [InlineData("3", 0)]
    [InlineData("shop=2", 1)]
    [InlineData("billing=9", 1)]
    [InlineData("shop=", 1)]
    [InlineData("shop=-3", 1)]
    [InlineData("shop=3=3", 1)]
    [InlineData("?=3", 1)]
    [InlineData("yes", 1)]
    [InlineData("", 1)]
    public void Plan_AnnotationNamesTheNamespace_ConfirmsUpToItsNumber(string annotation, int held) =>
        Assert.Equal(held, Plan([.. Of("shop", living: 0, orphans: 3)], annotation).Held.Count);

    [Fact]
    public void Format_NamespacesAndCounts_IsWhatParseReads()
    {
        var counts = new Dictionary<string, int> { [""] = 2, ["shop"] = 3 };

        var confirmed = OrphanConfirmation.Parse(OrphanConfirmation.Format(counts));

        Assert.Equal((2, 3, 0), (confirmed.Of(""), confirmed.Of("shop"), confirmed.Of("other")));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)] // policy Report
    [InlineData(false, false)]
    public void Plan_OlderThanTheMaximum_EndsWhateverHoldsIt(bool hasGrace, bool isOver)
    {
        // Mutant: leave it to the grace. Held or only reported orphans would work for ever.
        DateTimeOffset issued = Now - Maximum + (isOver ? TimeSpan.Zero : TimeSpan.FromSeconds(1));
        Slot[] slots = [.. Of("shop", living: 0, orphans: 3).Select(slot => slot with { IssuedAt = issued })];

        OrphanPlan plan = Plan(
            slots, rules: new OrphanRules(hasGrace ? Grace : null, Maximum, OrphanConfirmation.None));

        Assert.Equal(isOver ? 3 : 0, plan.ToRemove.Length);
        Assert.Equal(isOver ? null : TimeSpan.FromSeconds(1), plan.DueIn);
    }

    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 0)]
    public void Plan_GrantWithdrawn_EndsAtOnceWhateverHoldsIt(bool isAnothersBeside, int ended)
    {
        // Mutants: leave it to the grace or to a person, which kept a password that a tenant had torn off its device;
        // end it although another operator may have made it.
        Slot[] slots = [.. Of("shop", living: 0, orphans: 3), .. Of("other", living: 0, orphans: 3)];
        var rules = new OrphanRules(Grace: null, Maximum: null, OrphanConfirmation.None)
        {
            IsWithdrawn = static orphan => orphan.Namespace == "shop",
            IsOfAnother = slot => isAnothersBeside && slot.Selector.StartsWith("other", StringComparison.Ordinal),
        };

        OrphanPlan plan = Plan(slots, rules: rules);

        Assert.Equal(ended, plan.ToRemove.Length);
        Assert.All(plan.ToRemove, static orphan => Assert.Equal("shop", orphan.Namespace));
    }

    [Fact]
    public void Plan_RefusedAlready_IsFinishedAlthoughOthersAreHeld()
    {
        Slot[] slots = [.. Of("shop", living: 0, orphans: 4)];
        slots[0] = slots[0] with { End = new SlotEnd(Now, EndsSessions: true) };

        Assert.Equal(slots[0], Assert.Single(Plan(slots).ToRemove).Slot);
    }

    [Fact]
    public void Plan_AnySlots_NoNamespaceDependsOnAnother() =>
        Gen.Select(Gen.Int[0, 12], Gen.Int[0, 6], Gen.Int[0, 40], Gen.Int[0, 40]).Sample(
            (living, orphans, otherLiving, otherOrphans) =>
            {
                Slot[] own = [.. Of("shop", living, orphans)];
                OrphanPlan alone = Plan(own);
                OrphanPlan beside = Plan([.. own, .. Of("other", otherLiving, otherOrphans)]);
                return alone.ToRemove.SequenceEqual(beside.ToRemove.Where(static one => one.Namespace == "shop"))
                    && alone.Held.ContainsKey("shop") == beside.Held.ContainsKey("shop");
            });

    private static OrphanPlan Plan(Slot[] slots, string? annotation = null, OrphanRules? rules = null) =>
        OrphanPlanner.Plan(
            slots,
            slots.Select(static slot => slot.Owner.DeviceUid)
                .Where(static uid => uid.StartsWith("live", StringComparison.Ordinal)).ToHashSet(),
            slots.ToDictionary(OrphanPlanner.KeyOf, static _ => Now.AddDays(-2)),
            rules ?? new OrphanRules(Grace, Maximum: null, OrphanConfirmation.Parse(annotation)),
            Now);

    private static IEnumerable<Slot> Of(string @namespace, int living, int orphans) =>
        Enumerable.Range(0, living).Select(number => Slot(@namespace, "live", number))
            .Concat(Enumerable.Range(0, orphans).Select(number => Slot(@namespace, "gone", number)));

    private static Slot Slot(string @namespace, string kind, int number) =>
        Snapshots.Slot($"{@namespace}-{kind}-{number:D3}") with
        {
            Owner = new SlotOwner("cluster", $"{kind}-{@namespace}-{number}"),
            Restrictions = Snapshots.Restrictions with { DeviceName = $"{@namespace}/device-{number}" },
        };
}
