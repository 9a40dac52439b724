using MailOperator.Backends;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>The life of a password without faults.</summary>
public abstract partial class BackendConformance
{
    [Fact]
    public async Task Issue_Slot_IsListedAsItWasPut()
    {
        await PutAsync(Slot("aaaaaa"));

        await ListedAsync(Backend, Owner, Slot("aaaaaa"));
        Assert.Equal([Slot("aaaaaa")], await MakeAside().ListAllAsync(Owner.Instance, Token));
    }

    [Fact]
    public async Task Rotate_NewBesideOld_HoldsBoth()
    {
        await PutAsync(Slot("oldold"));

        await PutAsync(Slot("newnew"));

        await ListedAsync(MakeAside(), Owner, Slot("newnew"), Slot("oldold"));
    }

    [Fact]
    public async Task Retire_OldAfterTheOverlap_LeavesTheNew()
    {
        await PutAsync(Slot("oldold"));
        await PutAsync(Slot("newnew"));
        Slot ended = Slot("oldold") with
        {
            Restrictions = Plain with { IsSuspended = true },
            End = new SlotEnd(Slot("x").IssuedAt, EndsSessions: true),
        };

        await Backend.ApplyAsync(new SlotChange(Owner, [ended], []), Token);
        // A system that cannot keep and refuse a password deletes it at once.
        await ListedAsync(MakeAside(), Owner, Backend.Capabilities.HasFlag(BackendCapabilities.Hash)
            ? [Slot("newnew"), ended]
            : [Slot("newnew")]);
        await Backend.ApplyAsync(new SlotChange(Owner, [], ["oldold"]), Token);

        await ListedAsync(MakeAside(), Owner, Slot("newnew"));
    }

    [Fact]
    public async Task Expire_End_IsListedAsItWasPutAndCanBeMovedAndTakenAway()
    {
        foreach (DateTimeOffset? end in new DateTimeOffset?[]
        {
            Slot("x").IssuedAt.AddSeconds(1),
            Slot("x").IssuedAt.AddYears(5),
            null,
        })
        {
            await PutAsync(Slot("aaaaaa") with { NotAfter = end });

            await ListedAsync(MakeAside(), Owner, Slot("aaaaaa") with { NotAfter = end });
        }
    }

    [Fact]
    public async Task Suspend_AndResume_KeepsThePassword()
    {
        Slot suspended = Slot("aaaaaa") with { Restrictions = Plain with { IsSuspended = true } };
        await PutAsync(Slot("aaaaaa"));

        await PutAsync(suspended);
        await ListedAsync(MakeAside(), Owner, suspended);
        await PutAsync(Slot("aaaaaa"));

        await ListedAsync(MakeAside(), Owner, Slot("aaaaaa"));
    }

    [Fact]
    public async Task Scope_EachThatTheDriverTakes_IsListedAsItWasPut()
    {
        Slot[] slots =
            [.. Scopes().Select((restrictions, number) => Slot($"scope{number}") with { Restrictions = restrictions })];

        await PutAsync(slots);

        await ListedAsync(MakeAside(), Owner, slots);
    }

    [Fact]
    public async Task Revoke_Device_RemovesItsSlotsAndLeavesThoseOfOthers()
    {
        SlotOwner elsewhere = Owner with { Instance = Owner.Instance[..^1] + "_" };
        Slot[] slots =
        [
            Slot("mine00"),
            Slot("mine01"),
            Slot("other0") with { Owner = Other },
            Slot("elsewh") with { Owner = elsewhere },
        ];
        foreach (Slot slot in slots)
        {
            await PutAsync(slot);
        }

        await Backend.RemoveAsync(Owner, Token);
        await Backend.RemoveAsync(Owner, Token); // removing nothing succeeds

        await ListedAsync(MakeAside(), Owner);
        Assert.Equal([slots[2]], await MakeAside().ListAllAsync(Owner.Instance, Token));
        await ListedAsync(MakeAside(), elsewhere, slots[3]);
    }

    [Fact]
    public async Task List_OfADevice_ShowsItsOwnAndOfAnInstanceAllOfIt()
    {
        Slot others = Slot("other0") with { Owner = Other };
        await PutAsync(Slot("mine00"));
        await PutAsync(others);

        await ListedAsync(Backend, Owner, Slot("mine00"));
        await ListedAsync(Backend, Other, others);
        await ListedAsync(Backend, Device(1));
        Assert.Equal([Slot("mine00"), others], Sorted(await Backend.ListAllAsync(Owner.Instance, Token)));
        Assert.Empty(await Backend.ListAllAsync("another", Token));
    }

    [Fact]
    public async Task Sweep_DevicesThatAreNoMore_AreFoundAndRemoved()
    {
        await PutAsync(Slot("living") with { Owner = Device(1) });
        await PutAsync(Slot("orphan") with { Owner = Device(2) });
        await PutAsync(Slot("elsewh") with { Owner = Device(2) with { Instance = "another" } });
        IMailBackend sweeper = Make(); // has no knowledge of what was put

        foreach (SlotOwner orphan in (await sweeper.ListAllAsync(Owner.Instance, Token))
            .Select(static slot => slot.Owner)
            .Where(owner => owner != Device(1)))
        {
            await sweeper.RemoveAsync(orphan, Token);
        }

        Assert.Equal(
            [Device(1)], (await MakeAside().ListAllAsync(Owner.Instance, Token)).Select(static slot => slot.Owner));
        Assert.Single(await sweeper.ListAsync(Device(2) with { Instance = "another" }, Token));
        await sweeper.RemoveAsync(Device(2) with { Instance = "another" }, Token);
    }

    [Fact]
    public async Task Burst_OfDevices_IsAllThereAndAnotherProcessSeesIt()
    {
        await BurstAsync([.. Enumerable.Range(0, BurstSize)
            .Select(number => (Func<Task>)(() => PutAsync(Slot($"n{number:D5}") with { Owner = Device(number) })))]);

        Assert.Equal(BurstSize, (await MakeAside().ListAllAsync(Owner.Instance, Token))
            .Select(static slot => slot.Owner)
            .Distinct()
            .Count());
    }

    [Fact]
    public async Task Restart_OfServerAndOperator_KeepsWhatWasDone()
    {
        await PutAsync(Slot("before"));

        await RestartServerAsync();
        await AgainAsync(() => PutAsync(Slot("after0"))); // with its existing connections

        await ListedAsync(Backend, Owner, Slot("after0"), Slot("before"));
        await ListedAsync(Make(), Owner, Slot("after0"), Slot("before"));
    }

    /// <summary>Number of devices in a burst.</summary>
    internal virtual int BurstSize => 200;

    internal virtual Task BurstAsync(IReadOnlyList<Func<Task>> changes) =>
        Task.WhenAll(changes.Select(static change => change()));

    /// <summary>Restrictions that the driver supports; ten at most.</summary>
    internal abstract IEnumerable<SlotRestrictions> Scopes();

    /// <summary>Retries while the server is unavailable, as the operator does.</summary>
    internal static async Task AgainAsync(Func<Task> change)
    {
        const int Tries = 10; // more than a pool has closed connections
        for (int tries = 1; ; tries++)
        {
            try
            {
                await change();
                return;
            }
            catch (MailBackendException e) when (e.Failure == BackendFailure.Unavailable && tries < Tries)
            {
            }
        }
    }
}
