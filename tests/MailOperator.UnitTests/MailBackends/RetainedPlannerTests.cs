using CsCheck;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailBackends;
using MailOperator.UnitTests.MailDevices;

namespace MailOperator.UnitTests.MailBackends;

/// <summary>When retained passwords end, and by which steps.</summary>
public sealed class RetainedPlannerTests
{
    private static readonly DateTimeOffset Now = Snapshots.Now;
    private static readonly TimeSpan Maximum = TimeSpan.FromDays(7);

    [Theory]
    [InlineData(null, false, false, null)]
    [InlineData("all", false, false, nameof(RetainedEnd.Asked))]
    [InlineData("aaaaaa", false, false, nameof(RetainedEnd.Asked))]
    [InlineData("bbbbbb, aaaaaa", false, false, nameof(RetainedEnd.Asked))]
    [InlineData("bbbbbb", false, false, null)]
    [InlineData("aaaaa", false, false, null)] // Mutant: compare the beginnings
    [InlineData("", false, false, null)]
    [InlineData(null, true, false, nameof(RetainedEnd.Expired))]
    [InlineData(null, false, true, nameof(RetainedEnd.Withdrawn))]
    [InlineData("all", true, true, nameof(RetainedEnd.Asked))]
    public void Plan_Retained_EndsByAnyOfThree(string? asked, bool isOver, bool isWithdrawn, string? why)
    {
        Slot slot = Retained() with { IssuedAt = Now - Maximum + TimeSpan.FromSeconds(isOver ? 0 : 1) };

        RetainedPlan plan = Plan(slot, new RetainedRules(Maximum, _ => isWithdrawn, asked));

        Assert.Equal(why is null ? [] : [why], plan.ToEnd.Select(static one => one.Why.ToString()));
        Assert.Equal(isOver ? null : TimeSpan.FromSeconds(1), plan.DueIn);
    }

    [Fact]
    public void Plan_DeviceLivesAgain_IsNotTouched()
    {
        // Mutant: look at the mark alone. A device that was restored would lose its password.
        RetainedPlan plan = RetainedPlanner.Plan(
            [Retained()], new HashSet<string> { "uid-gone" }, new RetainedRules(TimeSpan.Zero, _ => true, "all"), Now);

        Assert.Empty(plan.All);
        Assert.Empty(plan.ToEnd);
    }

    [Fact]
    public void Plan_EndHasBegun_GoesOnAlthoughNobodyAsksAnyMore() =>
        // Mutant: ask the rules again. Mail servers would never be told of a password that is refused already.
        Assert.Equal(
            RetainedEnd.Begun,
            Plan(
                Retained() with { End = new SlotEnd(Now, EndsSessions: true) },
                new RetainedRules(null, _ => false, null)).ToEnd.Single().Why);

    [Theory]
    [InlineData("shop/grafana", "shop", "grafana")]
    [InlineData("grafana", "", "")]
    public void Of_NameOfTheDevice_IsItsNamespaceAndName(string stored, string @namespace, string device)
    {
        UnownedSlot slot = UnownedSlot.Of(Retained() with
        {
            Restrictions = Snapshots.Restrictions with { DeviceName = stored },
        });

        Assert.Equal((@namespace, device), (slot.Namespace, slot.Device));
    }

    [Fact]
    public void Of_NameThatATenantWrites_IsNotBelieved() =>
        // Mutant: split it all the same. A displayName of "shop/x" would take the places of another namespace.
        Assert.Equal("", UnownedSlot.Of(Retained() with
        {
            Device = new DeviceDescription(DeviceType.Phone, User: null, UserId: null),
        }).Namespace);

    [Fact]
    public void Steps_NoMailServers_RemoveAtOnce() =>
        Assert.Equal([Retained()], SlotEndPlanner.Plan([Retained()], delay: null, Now).Finish);

    [Fact]
    public void Steps_MailServersAreTold_RefuseThenWaitThenFinish()
    {
        // Mutant: remove at once. An auth cache would accept it on, and nothing would be left to tell of it.
        TimeSpan delay = TimeSpan.FromSeconds(2);
        SlotEndPlan first = SlotEndPlanner.Plan([Retained()], delay, Now);
        Slot refused = Assert.Single(first.Refuse);
        Assert.True(refused is { End.EndsSessions: true, Restrictions.IsSuspended: true, IsRetained: true });
        Assert.Empty(first.Finish);

        SlotEndPlan waiting = SlotEndPlanner.Plan([refused], delay, Now.AddSeconds(1));
        Assert.Empty(waiting.Refuse);
        Assert.Empty(waiting.Finish);

        SlotEndPlan last = SlotEndPlanner.Plan([refused], delay, Now + first.DueIn!.Value);
        Assert.Equal([refused], last.Finish);
        Assert.Null(last.DueIn);
    }

    [Fact]
    public void Steps_AnySlots_ComeToAnEndAndNeverAcceptAgain() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 90], Gen.Int[0, 120].Array[1, 5]).Sample((refusedFor, delay, pauses) =>
        {
            var slots = new List<Slot>
            {
                Retained(),
                Retained() with { Selector = "bbbbbb", End = new SlotEnd(Now.AddSeconds(-refusedFor), true) },
            };
            DateTimeOffset now = Now;
            bool isRefused = false;
            foreach (int pause in pauses.Append(200).Append(200))
            {
                SlotEndPlan plan = SlotEndPlanner.Plan(slots, TimeSpan.FromSeconds(delay), now);
                slots.RemoveAll(plan.Finish.Contains);
                slots = [.. slots.Select(slot =>
                    plan.Refuse.FirstOrDefault(one => one.Selector == slot.Selector) ?? slot)];
                if (isRefused && slots.Any(static slot => slot.End is null))
                {
                    return false;
                }

                isRefused = true;
                now = now.AddSeconds(pause);
            }

            return slots.Count == 0;
        });

    private static RetainedPlan Plan(Slot slot, RetainedRules rules) =>
        RetainedPlanner.Plan([slot], new HashSet<string>(), rules, Now);

    private static Slot Retained() => Snapshots.Slot("aaaaaa") with
    {
        Owner = new SlotOwner("cluster", "uid-gone"),
        IsRetained = true,
    };
}
