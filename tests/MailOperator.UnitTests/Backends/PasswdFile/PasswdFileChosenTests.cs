using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.PasswdFile;

namespace MailOperator.UnitTests.Backends.PasswdFile;

/// <summary>The lookup names of chosen passwords, which all devices of a mailbox share.</summary>
public sealed class PasswdFileChosenTests
{
    private static readonly SlotOwner One = new("cluster", "uid-a"), Other = new("elsewhere", "uid-b");

    private readonly PasswdFileDocument _document = PasswdFileDocument.Parse("");

    [Fact]
    public void Apply_ChosenSlots_GetTheLowestFreeNameOverAllOwners()
    {
        Put(One, "aaaaaa");
        Put(Other, "bbbbbb");
        Put(One, "cccccc");
        _document.Apply(new SlotChange(Other, [], ["bbbbbb"]));
        Put(One, "dddddd");

        Assert.Equal(["chosen-1", "chosen-3", "chosen-2"], Names());
        Assert.Equal(
            ["aaaaaa", "cccccc", "dddddd"],
            _document.SlotsOf(One).Select(static slot => slot.Selector).Order(StringComparer.Ordinal));
        Assert.All(_document.SlotsOf(One), static slot => Assert.True(slot is { IsChosen: true, IsIntact: true }));
    }

    [Fact]
    public void Apply_AFifthChosenSlot_IsRefusedAndChangesNothing()
    {
        string[] all = ["aaaaaa", "bbbbbb", "cccccc", "dddddd"];
        Array.ForEach(all, selector => Put(One, selector));
        string before = _document.Render();

        var refused = Assert.Throws<MailBackendException>(() => Put(Other, "eeeeee"));

        Assert.Equal(BackendFailure.Rejected, refused.Failure);
        Assert.Contains("alerts@example.com already has 4 chosen passwords", refused.Message);
        Assert.Equal(before, _document.Render());
        Put(Other, "eeeeee", "other@example.com"); // another mailbox has its own places
        _document.Apply(new SlotChange(Other, [Slot(Other, "ffffff")], [])); // generated passwords need none
    }

    [Fact]
    public void Apply_InTheChangeThatFreesAPlace_TakesIt()
    {
        foreach (string selector in (string[])["aaaaaa", "bbbbbb", "cccccc", "dddddd"])
        {
            Put(One, selector);
        }

        _document.Apply(new SlotChange(One, [Chosen(One, "eeeeee")], ["bbbbbb"]));

        Assert.Equal(["chosen-1", "chosen-3", "chosen-4", "chosen-2"], Names());
    }

    [Fact]
    public void Apply_SeveralAtOnce_GetANameEach()
    {
        _document.Apply(new SlotChange(One, [Chosen(One, "aaaaaa"), Chosen(One, "bbbbbb")], []));

        Assert.Equal(["chosen-1", "chosen-2"], Names());
    }

    [Fact]
    public void Apply_Again_KeepsTheName()
    {
        // Mutant: always takes the lowest free name, so that a put of an unchanged slot moves it and every reconcile
        // writes.
        Put(One, "aaaaaa");
        Put(One, "bbbbbb");
        _document.Apply(new SlotChange(One, [], ["aaaaaa"]));

        Assert.False(Put(One, "bbbbbb"));
        Slot suspended = Chosen(One, "bbbbbb");
        _document.Apply(new SlotChange(
            One, [suspended with { Restrictions = suspended.Restrictions with { IsSuspended = true } }], []));

        Assert.All(
            _document.Render().Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.Contains("/chosen-2:", line));
        Put(Other, "cccccc");
        Put(Other, "dddddd");
        Assert.Equal(["chosen-2", "chosen-1", "chosen-3"], Names()); // a suspended one keeps its place
    }

    [Fact]
    public void Apply_NameOfALineThatIsNotOurs_IsPassedOver()
    {
        var document = PasswdFileDocument.Parse("smtp/alerts@example.com/chosen-1:{PLAIN}theirs\n");

        document.Apply(new SlotChange(One, [Chosen(One, "aaaaaa")], []));

        Assert.Contains("imap/alerts@example.com/chosen-2:", document.Render());
    }

    [Fact]
    public void Apply_DevicesOfDifferentProtocols_ShareAName()
    {
        Slot reads = Chosen(One, "aaaaaa"), sends = Chosen(Other, "bbbbbb");
        _document.Apply(new SlotChange(
            One, [reads with { Restrictions = reads.Restrictions with { Protocols = [MailProtocol.IMAP] } }], []));
        _document.Apply(new SlotChange(
            Other, [sends with { Restrictions = sends.Restrictions with { Protocols = [MailProtocol.SMTP] } }], []));

        Assert.Equal(
            [
                "imap/alerts@example.com/chosen-1",
                "smtp/alerts@example.com/chosen-1",
                "submission/alerts@example.com/chosen-1",
            ], Keys());

        Put(One, "aaaaaa"); // all protocols now: the name is taken for some of them
        Assert.All(
            Keys().Where(static key => key.StartsWith("imap", StringComparison.Ordinal)),
            static key => Assert.EndsWith("chosen-2", key));
    }

    [Theory]
    [InlineData("chosen-1:", "chosen-9:")] // never looked up
    [InlineData("imap/alerts@example.com/chosen-1:", "imap/alerts@example.com/chosen-3:")] // lines with different names
    public void SlotsOf_NameEdited_IsNotIntactAndPutRight(string part, string edited)
    {
        Put(One, "aaaaaa");
        var document = PasswdFileDocument.Parse(_document.Render().Replace(part, edited, StringComparison.Ordinal));
        Slot slot = Assert.Single(document.SlotsOf(One));
        Assert.False(slot.IsIntact);

        document.Apply(new SlotChange(One, [slot with { IsIntact = true }], []));

        Assert.True(Assert.Single(document.SlotsOf(One)).IsIntact);
        Assert.DoesNotContain("chosen-9", document.Render());
    }

    private bool Put(SlotOwner owner, string selector, string mailbox = "alerts@example.com") =>
        _document.Apply(new SlotChange(owner, [Chosen(owner, selector) with { Mailbox = mailbox }], []));

    private string[] Keys() => [.. _document.Render().Split('\n').Select(PasswdFileLine.KeyOf).OfType<string>()];

    private IEnumerable<string> Names() => Keys().Select(static key => key.Split('/')[2]).Distinct();

    private static Slot Chosen(SlotOwner owner, string selector) => Slot(owner, selector) with { IsChosen = true };

    private static Slot Slot(SlotOwner owner, string selector) => new()
    {
        Owner = owner,
        Selector = selector,
        Mailbox = "alerts@example.com",
        Hash = "$2y$04$hash",
        IssuedAt = DateTimeOffset.FromUnixTimeSeconds(1700000000),
        Restrictions = new SlotRestrictions
        {
            DeviceName = "shop/grafana",
            Protocols = [MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP],
        },
    };
}
