using System.Collections.Immutable;
using CsCheck;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.PasswdFile;

namespace MailOperator.UnitTests.Backends.PasswdFile;

public sealed class PasswdFileDocumentTests
{
    private const string Foreign =
        "# written by hand\n\nboss@example.com:{SHA512-CRYPT}$6$salt$hash:1000:1000::/home/boss::userdb_quota=1G\n  "
        + "odd line without meaning\n:nobody\nlast@example.com:{PLAIN}x";

    private static readonly SlotOwner Owner = new("cluster", "uid-a");
    private static readonly ImmutableArray<string>[] Networks =
        [[], ["10.0.0.0/8"], ["::1/128", "2001:db8::/32", "127.0.0.5/32"]];

    private static readonly ImmutableArray<MailProtocol>[] Protocols =
        [[MailProtocol.IMAP], [MailProtocol.SMTP], [MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP]];

    [Fact]
    public void Render_ForeignFile_IsByteForByteTheSame()
    {
        Assert.Equal(Foreign + "\n", PasswdFileDocument.Parse(Foreign + "\n").Render());
        Assert.Equal("", PasswdFileDocument.Parse("").Render());
    }

    [Fact]
    public void Apply_PutThenRemove_LeavesForeignLinesInTheirOrder()
    {
        var document = PasswdFileDocument.Parse(Foreign + "\n");

        Assert.True(document.Apply(new SlotChange(Owner, [Slot("aaaaaa")], [])));
        Assert.Contains(
            "imap/alerts@example.com/aaaaaa:{BLF-CRYPT}$2y$04$hash::::::device=shop/grafana "
            + "mailoperator_owner=cluster/uid-a mailoperator_issued=1700000000\n", document.Render());
        Assert.True(document.Apply(new SlotChange(Owner, [], ["aaaaaa"])));

        Assert.Equal(Foreign + "\n", document.Render());
    }

    [Fact]
    public void Apply_Again_ChangesNothing()
    {
        var document = PasswdFileDocument.Parse("");
        document.Apply(new SlotChange(Owner, [Slot("aaaaaa")], []));

        // Otherwise every reconcile would write the file.
        Assert.False(document.Apply(new SlotChange(Owner, [Slot("aaaaaa")], ["bbbbbb"])));
    }

    [Fact]
    public void SlotsOf_WrittenAndReadAgain_AreTheSameForAnySlot() =>
        Gen.Select(
            Gen.String[Gen.Char["abcdefghijklmnopqrstuvwxyz0123456789"], 6, 6],
            Gen.Int[0, 2].Select(which => Networks[which]),
            Gen.Int[0, 2].Select(which => Protocols[which]),
            Gen.Bool,
            Gen.Bool)
        .Sample((selector, networks, protocols, maySend, isSuspended) =>
        {
            Slot slot = Slot(selector) with
            {
                Restrictions = new SlotRestrictions
                {
                    DeviceName = "shop/grafana",
                    Protocols = protocols,
                    AllowedNetworks = networks,
                    MaySend = maySend,
                    IsSuspended = isSuspended,
                },
            };
            var document = PasswdFileDocument.Parse("");
            document.Apply(new SlotChange(Owner, [slot], []));

            return PasswdFileDocument.Parse(document.Render()).SlotsOf(Owner) is [var read] && read == slot;
        });

    [Fact]
    public void Apply_SendingDeniedToADeviceThatOnlySends_KeepsTheSlot()
    {
        // Mutant: leaves the lines out, so that the slot seems lost and every reconcile puts it again.
        var document = PasswdFileDocument.Parse("");
        Slot slot = Slot("aaaaaa");
        slot = slot with { Restrictions = slot.Restrictions with { Protocols = [MailProtocol.SMTP], MaySend = false } };
        document.Apply(new SlotChange(Owner, [slot], []));

        Assert.All(
            document.Render().Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("#", line));
        Assert.Equal(slot, Assert.Single(document.SlotsOf(Owner)));
        Assert.False(document.Apply(new SlotChange(Owner, [slot], [])));
    }

    [Fact]
    public void SlotsOf_OneLineForSendingPutBackByHand_IsNotIntact()
    {
        var document = PasswdFileDocument.Parse("");
        Slot slot = Slot("aaaaaa") with { Restrictions = Slot("aaaaaa").Restrictions with { MaySend = false } };
        document.Apply(new SlotChange(Owner, [slot], []));
        document = PasswdFileDocument.Parse(document.Render()
            .Replace("#mail-operator sending-denied submission", "submission", StringComparison.Ordinal));

        Assert.False(Assert.Single(document.SlotsOf(Owner)).IsIntact);
    }

    [Fact]
    public void Apply_Suspended_KeepsTheSlotAsComments()
    {
        var document = PasswdFileDocument.Parse("");
        Slot slot = Slot("aaaaaa");
        document.Apply(
            new SlotChange(Owner, [slot with { Restrictions = slot.Restrictions with { IsSuspended = true } }], []));

        Assert.All(
            document.Render().Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("#", line));
        Assert.True(Assert.Single(document.SlotsOf(Owner)).Restrictions.IsSuspended);
    }

    [Theory]
    [InlineData("submission/", "")] // a service's line is gone
    [InlineData(
        "submission/alerts@example.com/aaaaaa:{BLF-CRYPT}$2y$04$hash",
        "submission/alerts@example.com/aaaaaa:{BLF-CRYPT}$2y$04$other")]
    public void SlotsOf_LineEdited_IsNotIntact(string part, string replacement)
    {
        var document = PasswdFileDocument.Parse("");
        document.Apply(new SlotChange(Owner, [Slot("aaaaaa")], []));
        string edited = replacement.Length == 0
            ? string.Join(
                '\n', document.Render().Split('\n').Where(line => !line.StartsWith(part, StringComparison.Ordinal)))
            : document.Render().Replace(part, replacement, StringComparison.Ordinal);

        Assert.False(Assert.Single(PasswdFileDocument.Parse(edited).SlotsOf(Owner)).IsIntact);
    }

    [Fact]
    public void Apply_KeyOfAnotherLine_IsRefusedBeforeAnythingChanges()
    {
        const string taken = "smtp/alerts@example.com/aaaaaa:{PLAIN}theirs\n";
        var document = PasswdFileDocument.Parse(taken);

        Assert.Throws<MailBackendException>(
            () => document.Apply(new SlotChange(Owner, [Slot("bbbbbb"), Slot("aaaaaa")], [])));

        Assert.Equal(taken, document.Render());
    }

    [Fact]
    public void RemoveAll_OtherOwnersAndInstances_AreLeft()
    {
        var document = PasswdFileDocument.Parse("");
        SlotOwner other = Owner with { DeviceUid = "uid-b" }, elsewhere = Owner with { Instance = "other-cluster" };
        document.Apply(new SlotChange(Owner, [Slot("aaaaaa")], []));
        document.Apply(new SlotChange(other, [Slot("bbbbbb") with { Owner = other }], []));
        document.Apply(new SlotChange(elsewhere, [Slot("cccccc") with { Owner = elsewhere }], []));

        Assert.True(document.RemoveAll(Owner));

        Assert.Empty(document.SlotsOf(Owner));
        Assert.Equal("bbbbbb", Assert.Single(document.SlotsOf("cluster")).Selector);
        Assert.Equal("cccccc", Assert.Single(document.SlotsOf("other-cluster")).Selector);
    }

    private static Slot Slot(string selector) => new()
    {
        Owner = Owner,
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
