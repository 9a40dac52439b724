using MailOperator.Api;
using MailOperator.Backends;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>
/// What every driver must do at its real server. Mutants: a driver that forgets a restriction on the way, replaces what is
/// another's, does half a change, or says that it is done before the server says so.
/// </summary>
public abstract class BackendConformance : IAsyncLifetime
{
    private readonly List<IMailBackend> _made = [];

    internal static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Owners of this test alone, so that tests share a server.</summary>
    internal SlotOwner Owner { get; } = new($"instance-{Guid.NewGuid():N}"[..24], $"{Guid.NewGuid()}");

    internal SlotOwner Other => Owner with { DeviceUid = "other" };

    internal IMailBackend Backend { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await StartAsync();
        Backend = Make();
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (IMailBackend made in _made)
        {
            if (made is IAsyncDisposable disposable)
            {
                await disposable.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Put_EachKindOfSlot_IsListedAsItWasPut()
    {
        Slot[] slots = [.. Kinds().Where(slot => IsSupported(slot, Backend.Capabilities))];

        foreach (Slot slot in slots)
        {
            await Backend.ApplyAsync(new SlotChange(Owner, [slot], []), Token);
        }

        Assert.Equal(slots.OrderBy(static slot => slot.Selector), (await Backend.ListAsync(Owner, Token)).OrderBy(static slot => slot.Selector));
        Assert.Equal(slots.OrderBy(static slot => slot.Selector), (await Backend.ListAllAsync(Owner.Instance, Token)).OrderBy(static slot => slot.Selector));
    }

    [Fact]
    public async Task Put_SelectorThatIsThere_ReplacesIt()
    {
        await Backend.ApplyAsync(new SlotChange(Owner, [Slot("aaaaaa")], []), Token);
        Slot changed = Slot("aaaaaa") with { Hash = Slot("x").Hash.Replace('h', 'k'), Restrictions = Slot("x").Restrictions with { IsSuspended = true } };

        await Backend.ApplyAsync(new SlotChange(Owner, [changed], []), Token);

        Assert.Equal([changed], await Backend.ListAsync(Owner, Token));
    }

    [Fact]
    public async Task Put_SelectorOfAnotherOwner_IsRefusedAndNothingOfTheChangeIsDone()
    {
        await Backend.ApplyAsync(new SlotChange(Other, [Slot("taken0") with { Owner = Other }], []), Token);
        await Backend.ApplyAsync(new SlotChange(Owner, [Slot("oldold")], []), Token);

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() =>
            Backend.ApplyAsync(new SlotChange(Owner, [Slot("newnew"), Slot("taken0")], ["oldold"]), Token));

        Assert.Equal(BackendFailure.Unavailable, e.Failure); // the next try makes another password
        Assert.Equal([Slot("oldold")], await Backend.ListAsync(Owner, Token));
        Assert.Equal([Slot("taken0") with { Owner = Other }], await Backend.ListAsync(Other, Token));
    }

    [Fact]
    public async Task Apply_PutAndRemoveAtOnce_DoesBoth()
    {
        await Backend.ApplyAsync(new SlotChange(Owner, [Slot("oldold")], []), Token);

        await Backend.ApplyAsync(new SlotChange(Owner, [Slot("newnew")], ["oldold", "neverr"]), Token);

        Assert.Equal([Slot("newnew")], await Backend.ListAsync(Owner, Token));
    }

    [Fact]
    public async Task Remove_OwnersSlots_LeavesThoseOfOthers()
    {
        SlotOwner elsewhere = Owner with { Instance = Owner.Instance[..^1] + "_" };
        foreach (SlotOwner owner in new[] { Owner, Other, elsewhere })
        {
            await Backend.ApplyAsync(new SlotChange(owner, [Slot($"own{Math.Abs(owner.GetHashCode()) % 1000:D3}") with { Owner = owner }], []), Token);
        }

        await Backend.RemoveAsync(Owner, Token);
        await Backend.RemoveAsync(Owner, Token); // what is not there is a success

        Assert.Empty(await Backend.ListAsync(Owner, Token));
        Assert.Equal([Other], (await Backend.ListAllAsync(Owner.Instance, Token)).Select(static slot => slot.Owner));
        Assert.Single(await Backend.ListAsync(elsewhere, Token));
    }

    [Fact]
    public async Task Apply_Burst_IsAllThereAndAnotherProcessSeesIt()
    {
        const int Devices = 200;

        await Task.WhenAll(Enumerable.Range(0, Devices).Select(number =>
            Backend.ApplyAsync(new SlotChange(Device(number), [Slot($"n{number:D5}") with { Owner = Device(number) }], []), Token)));

        Assert.Equal(Devices, (await Make().ListAllAsync(Owner.Instance, Token)).Count);
    }

    [Fact]
    public async Task Call_Cancelled_EndsAtOnce()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Backend.ListAsync(Owner, cancelled.Token));
    }

    [Fact]
    public async Task Put_ChosenPasswords_FillTheirPlacesAndNoMore()
    {
        if (!Backend.Capabilities.HasFlag(BackendCapabilities.ChosenPassword))
        {
            return;
        }

        foreach (int number in Enumerable.Range(1, ChosenPasswords.MostPerMailbox))
        {
            await Backend.ApplyAsync(new SlotChange(Owner, [Slot($"chose{number}") with { IsChosen = true }], []), Token);
        }

        await Backend.ApplyAsync(new SlotChange(Owner, [Slot("chose1") with { IsChosen = true, Restrictions = Slot("x").Restrictions with { IsSuspended = true } }], []), Token);
        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() =>
            Backend.ApplyAsync(new SlotChange(Owner, [Slot("chose9") with { IsChosen = true }], []), Token));
        await Backend.ApplyAsync(new SlotChange(Owner, [Slot("chose9") with { IsChosen = true }], ["chose2"]), Token);

        Assert.Equal(BackendFailure.Rejected, e.Failure);
        Assert.Equal(["chose1", "chose3", "chose4", "chose9"], (await Backend.ListAsync(Owner, Token)).Select(static slot => slot.Selector).Order(StringComparer.Ordinal));
    }

    internal abstract IMailBackend Create();

    protected abstract Task StartAsync();

    /// <summary>Another process's way to the same server.</summary>
    internal IMailBackend Make() => Keep(Create());

    /// <summary>Disposes of it after the test.</summary>
    internal IMailBackend Keep(IMailBackend made)
    {
        _made.Add(made);
        return made;
    }

    internal SlotOwner Device(int number) => Owner with { DeviceUid = $"device-{number}" };

    internal Slot Slot(string selector) => new()
    {
        Owner = Owner,
        Selector = selector,
        Mailbox = $"{Owner.Instance}@example.com",
        Hash = "$2y$04$" + new string('h', 53),
        IssuedAt = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero),
        Restrictions = new SlotRestrictions { DeviceName = "shop/grafana", Protocols = [MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP] },
    };

    private IEnumerable<Slot> Kinds()
    {
        SlotRestrictions plain = Slot("x").Restrictions;
        yield return Slot("plain0");
        yield return Slot("imap00") with { Restrictions = plain with { Protocols = [MailProtocol.IMAP] } };
        yield return Slot("smtp00") with { Restrictions = plain with { Protocols = [MailProtocol.SMTP] } };
        yield return Slot("nosend") with { Restrictions = plain with { MaySend = false } };
        yield return Slot("smtpno") with { Restrictions = plain with { Protocols = [MailProtocol.SMTP], MaySend = false } };
        yield return Slot("netwrk") with { Restrictions = plain with { AllowedNetworks = ["10.0.0.0/8", "2001:db8::/32"] } };
        yield return Slot("suspnd") with { Restrictions = plain with { IsSuspended = true } };
        yield return Slot("retain") with { IsRetained = true };
        yield return Slot("ending") with { NotAfter = new DateTimeOffset(2031, 1, 1, 0, 0, 1, TimeSpan.Zero) };
        yield return Slot("chosen") with { IsChosen = true };
        yield return Slot("ended0") with { Restrictions = plain with { IsSuspended = true }, End = new SlotEnd(Slot("x").IssuedAt, EndsSessions: true) };
        yield return Slot("ended1") with { Restrictions = plain with { IsSuspended = true }, End = new SlotEnd(Slot("x").IssuedAt, EndsSessions: false) };
    }

    private static bool IsSupported(Slot slot, BackendCapabilities capabilities) =>
        (slot.NotAfter is null || capabilities.HasFlag(BackendCapabilities.Expiry))
        && (!slot.IsChosen || capabilities.HasFlag(BackendCapabilities.ChosenPassword));
}
