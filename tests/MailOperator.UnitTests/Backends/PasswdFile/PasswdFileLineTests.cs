using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.PasswdFile;

namespace MailOperator.UnitTests.Backends.PasswdFile;

public sealed class PasswdFileLineTests
{
    private const string Line =
        "imap/alerts@example.com/aaaaaa:{BLF-CRYPT}$2y$04$hash::::::device=shop/grafana "
        + "mailoperator_owner=cluster/uid-a mailoperator_issued=1700000000";

    private static readonly Slot Slot = new()
    {
        Owner = new SlotOwner("cluster", "uid-a"),
        Selector = "aaaaaa",
        Mailbox = "alerts@example.com",
        Hash = "$2y$04$hash",
        IssuedAt = DateTimeOffset.FromUnixTimeSeconds(1700000000),
        Restrictions = new SlotRestrictions { DeviceName = "shop/grafana", Protocols = [MailProtocol.IMAP] },
    };

    private const string ChosenLine =
        "imap/alerts@example.com/chosen-2:{BLF-CRYPT}$2y$04$hash::::::device=shop/grafana "
        + "mailoperator_owner=cluster/uid-a mailoperator_issued=1700000000 mailoperator_selector=aaaaaa";

    [Fact]
    public void Write_Slot_IsExactlyThisLine() => Assert.Equal([Line], PasswdFileLine.Write(Slot, "aaaaaa"));

    [Fact]
    public void Write_ChosenSlot_IsFoundByItsNameAndReadByItsSelector()
    {
        Slot slot = Slot with { IsChosen = true };

        Assert.Equal([ChosenLine], PasswdFileLine.Write(slot, "chosen-2"));
        Assert.Equal(slot, PasswdFileLine.Parse(ChosenLine));
        Assert.Equal("chosen-2", PasswdFileLine.NameOf(ChosenLine));
        Assert.Equal("chosen-2", PasswdFileLine.NameOf("#mail-operator disabled " + ChosenLine));
    }

    [Fact]
    public void Write_EveryProtocol_HasALinePerServiceThatAsks() => Assert.Equal(
        // Dovecot looks up "submission" and Postfix "smtp": without either, clients are locked out.
        ["imap", "pop3", "smtp", "submission"],
        PasswdFileLine.Write(Slot with
        {
            Restrictions = Slot.Restrictions with
            {
                Protocols = [MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP],
            },
        }, "aaaaaa")
            .Select(line => line[..line.IndexOf('/', StringComparison.Ordinal)]));

    [Fact]
    public void Write_Networks_AreOneFieldThatDovecotKnows()
    {
        Slot slot = Slot with
        {
            Restrictions = Slot.Restrictions with { AllowedNetworks = ["10.0.0.0/8", "2001:db8::/32"] },
        };

        Assert.Equal([Line + " allow_nets=10.0.0.0/8,2001:db8::/32"], PasswdFileLine.Write(slot, "aaaaaa"));
        Assert.Equal(slot, PasswdFileLine.Parse(Line + " allow_nets=10.0.0.0/8,2001:db8::/32"));
    }

    [Theory]
    [InlineData("::/0")]
    [InlineData("::1/128")]
    [InlineData("2001:db8:0:1:2:3:4:5/128")]
    public void Parse_IPv6Network_DoesNotConfuseTheFields(string network)
    {
        Slot slot = Slot with { Restrictions = Slot.Restrictions with { AllowedNetworks = [network] } };

        Assert.Equal(slot, PasswdFileLine.Parse(Assert.Single(PasswdFileLine.Write(slot, "aaaaaa"))));
    }

    [Fact]
    public void Write_Suspended_IsACommentToDovecotAndASlotToUs()
    {
        Slot slot = Slot with { Restrictions = Slot.Restrictions with { IsSuspended = true } };
        string line = Assert.Single(PasswdFileLine.Write(slot, "aaaaaa"));

        Assert.Equal("#mail-operator disabled " + Line, line);
        Assert.Equal(slot, PasswdFileLine.Parse(line));
        // Reserved, so that no other slot gets it.
        Assert.Equal("imap/alerts@example.com/aaaaaa", PasswdFileLine.KeyOf(line));
    }

    [Theory]
    [InlineData(false, "imap/", "#mail-operator sending-denied smtp/", "#mail-operator sending-denied submission/")]
    [InlineData(
        true, "#mail-operator disabled imap/", "#mail-operator disabled sending-denied smtp/",
        "#mail-operator disabled sending-denied submission/")]
    public void Write_SendingDenied_LeavesReadingAloneAndKeepsTheLinesForSending(
        bool isSuspended, params string[] expected)
    {
        SlotRestrictions restrictions = Slot.Restrictions with
        {
            Protocols = [MailProtocol.IMAP, MailProtocol.SMTP],
            MaySend = false,
            IsSuspended = isSuspended,
        };
        string[] lines = [.. PasswdFileLine.Write(Slot with { Restrictions = restrictions }, "aaaaaa")];

        Assert.Equal(expected, lines.Select(static line => line[..(line.IndexOf('/', StringComparison.Ordinal) + 1)]));
        Assert.All(lines, static line => Assert.EndsWith("/alerts@example.com/aaaaaa", PasswdFileLine.KeyOf(line)));
        Assert.Equal(
            [true, false, false], lines.Select(static line => PasswdFileLine.Parse(line)!.Restrictions.MaySend));
    }

    [Theory]
    [InlineData("")]
    [InlineData("#")]
    [InlineData("# a comment: with a colon")]
    [InlineData("#" + Line)] // commented out by a person, whose decision counts
    [InlineData("# " + Line)]
    [InlineData("#mail-operator disabled #" + Line)]
    [InlineData("#mail-operator disabled ")]
    [InlineData("#mail-operator " + Line)]
    [InlineData("#mail-operator sending-denied disabled " + Line)]
    [InlineData("#mail-operator sending-denied ")]
    [InlineData(":" + Line)]
    [InlineData("boss@example.com:{SHA512-CRYPT}$6$x:1000:1000::/home/boss::mailoperator_owner=cluster/uid-a")]
    [InlineData("imap/a@example.com/aaaaaa:{PLAIN}x::::::mailoperator_owner=cluster/uid-a")]
    [InlineData("imap/a@example.com/aaaaaa:{BLF-CRYPT}x::::::")]
    [InlineData("imap/a@example.com/aaaaaa:{BLF-CRYPT}x::::::mailoperator_owner=")]
    [InlineData("imap/a@example.com/aaaaaa:{BLF-CRYPT}x::::::mailoperator_owner=cluster")]
    [InlineData("imap/a@example.com/aaaaaa:{BLF-CRYPT}x::::::mailoperator_owner=/uid")]
    [InlineData("imap/a@example.com/aaaaaa:{BLF-CRYPT}x::::::mailoperator_owner=cluster/")]
    [InlineData("imap/a@example.com/aaaaaa:{BLF-CRYPT}x:1000:1000::::mailoperator_owner=cluster/uid-a")]
    [InlineData("imap/a@example.com/aaaaaa/x:{BLF-CRYPT}x::::::mailoperator_owner=cluster/uid-a")]
    [InlineData("imap/a@example.com:{BLF-CRYPT}x::::::mailoperator_owner=cluster/uid-a")]
    [InlineData("sieve/a@example.com/aaaaaa:{BLF-CRYPT}x::::::mailoperator_owner=cluster/uid-a")]
    [InlineData("IMAP/a@example.com/aaaaaa:{BLF-CRYPT}x::::::mailoperator_owner=cluster/uid-a")]
    [InlineData("::::::")]
    [InlineData("no colon at all")]
    public void Parse_AnyOtherLine_IsNoSlot(string line) => Assert.Null(PasswdFileLine.Parse(line));

    [Theory]
    [InlineData("mailoperator_issued=")]
    [InlineData("mailoperator_issued=-1")]
    [InlineData("mailoperator_issued=soon")]
    [InlineData("mailoperator_issued=253402300800")] // one second past the year 9999
    [InlineData("mailoperator_issued=99999999999999999999999")]
    [InlineData("other=1")]
    public void Parse_DateThatIsNone_CountsAsOld(string field)
    {
        // Not an exception, or one bad line would block the whole file; and not "new", or it would never be collected.
        Slot? slot = PasswdFileLine.Parse(
            Line.Replace("mailoperator_issued=1700000000", field, StringComparison.Ordinal));

        Assert.Equal(DateTimeOffset.UnixEpoch, slot?.IssuedAt);
    }

    [Theory]
    [InlineData(Line, "imap/alerts@example.com/aaaaaa")]
    [InlineData("boss@example.com:{PLAIN}x", "boss@example.com")]
    [InlineData("#boss@example.com:{PLAIN}x", null)]
    [InlineData("", null)]
    [InlineData(":x", null)]
    [InlineData("no colon", null)]
    public void KeyOf_Line_IsWhatDovecotLooksUp(string line, string? expected) =>
        Assert.Equal(expected, PasswdFileLine.KeyOf(line));
}
