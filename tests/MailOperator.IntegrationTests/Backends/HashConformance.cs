using MailOperator.Api;
using MailOperator.Backends;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>Drivers that take hashes: slots are stored exactly as put, and every change is atomic.</summary>
public abstract class HashConformance : BackendConformance
{
    [Fact]
    public async Task Put_EachNoteOfTheOperator_IsListedAsItWasPut()
    {
        SlotRestrictions ended = Plain with { IsSuspended = true };
        Slot[] slots =
        [
            Slot("retain") with { IsRetained = true },
            Slot("chosen") with { IsChosen = true },
            Slot("ended0") with { Restrictions = ended, End = new SlotEnd(Slot("x").IssuedAt, EndsSessions: true) },
            Slot("ended1") with { Restrictions = ended, End = new SlotEnd(Slot("x").IssuedAt, EndsSessions: false) },
        ];

        await PutAsync(slots);

        await ListedAsync(MakeAside(), Owner, slots);
    }

    [Fact]
    public async Task Put_SelectorThatIsThere_ReplacesIt()
    {
        await PutAsync(Slot("aaaaaa"));
        Slot changed = Slot("aaaaaa") with
        {
            Hash = Slot("x").Hash.Replace('h', 'k'),
            Restrictions = Plain with { IsSuspended = true },
        };

        await PutAsync(changed);

        await ListedAsync(Backend, Owner, changed);
    }

    [Fact]
    public async Task Put_SelectorOfAnotherOwner_IsRefusedAndNothingOfTheChangeIsDone()
    {
        await PutAsync(Slot("taken0") with { Owner = Other });
        await PutAsync(Slot("oldold"));

        MailBackendException e = await FailureAsync(
            () => Backend.ApplyAsync(new SlotChange(Owner, [Slot("newnew"), Slot("taken0")], ["oldold"]), Token));

        Assert.Equal(BackendFailure.Unavailable, e.Failure); // the next try makes another password
        await ListedAsync(Backend, Owner, Slot("oldold"));
        await ListedAsync(Backend, Other, Slot("taken0") with { Owner = Other });
    }

    [Fact]
    public async Task Apply_PutAndRemoveAtOnce_DoesBoth()
    {
        await PutAsync(Slot("oldold"));

        await Backend.ApplyAsync(new SlotChange(Owner, [Slot("newnew")], ["oldold", "neverr"]), Token);

        await ListedAsync(Backend, Owner, Slot("newnew"));
    }

    [Fact]
    public async Task Put_ChosenPasswords_FillTheirPlacesAndNoMore()
    {
        foreach (int number in Enumerable.Range(1, ChosenPasswords.MaxPerMailbox))
        {
            await PutAsync(Slot($"chose{number}") with { IsChosen = true });
        }

        await PutAsync(Slot("chose1") with { IsChosen = true, Restrictions = Plain with { IsSuspended = true } });
        MailBackendException e = await FailureAsync(() => PutAsync(Slot("chose9") with { IsChosen = true }));
        await Backend.ApplyAsync(new SlotChange(Owner, [Slot("chose9") with { IsChosen = true }], ["chose2"]), Token);

        Assert.Equal(BackendFailure.Rejected, e.Failure);
        Assert.Equal(
            ["chose1", "chose3", "chose4", "chose9"],
            Sorted(await Backend.ListAsync(Owner, Token)).Select(static slot => slot.Selector));
    }

    internal override Task ChangeAsync(IMailBackend backend, SlotChange change) => backend.ApplyAsync(change, Token);

    /// <summary>A chosen password of a mailbox that already has the maximum.</summary>
    internal override async Task<Slot> UnacceptableAsync()
    {
        await PutAsync([.. Enumerable.Range(1, ChosenPasswords.MaxPerMailbox)
            .Select(number => Slot($"chose{number}") with { Owner = Other, IsChosen = true })]);
        return Slot("chose9") with { IsChosen = true };
    }

    internal override IEnumerable<SlotRestrictions> Scopes() =>
    [
        Plain,
        Plain with { Protocols = [MailProtocol.IMAP] },
        Plain with { Protocols = [MailProtocol.POP3, MailProtocol.SMTP] },
        Plain with { Protocols = [MailProtocol.SMTP] },
        Plain with { MaySend = false },
        Plain with { Protocols = [MailProtocol.SMTP], MaySend = false },
        Plain with { AllowedNetworks = ["10.0.0.0/8", "2001:db8::/32"] },
        Plain with { AllowedNetworks = ["192.0.2.7/32"], MaySend = false, IsSuspended = true },
    ];
}
