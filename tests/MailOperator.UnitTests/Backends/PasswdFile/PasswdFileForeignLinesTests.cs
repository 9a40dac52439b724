using System.Collections.Immutable;
using CsCheck;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.PasswdFile;

namespace MailOperator.UnitTests.Backends.PasswdFile;

/// <summary>A passwd-file is shared: lines of others never change.</summary>
public sealed class PasswdFileForeignLinesTests
{
    private static readonly string[] Lines =
    [
        "", " ", "# comment", "#mail-operator disabled", "boss@example.com:{PLAIN}x", "  :x", ":", "::::::", "\ttab",
        "crlf@example.com:{PLAIN}x\r",
        "ümlaut@example.com:{PLAIN}ß\u2028x",
        "#imap/alerts@example.com/aaaaaa:{BLF-CRYPT}x::::::mailoperator_owner=cluster/uid-a",
    ];

    private static readonly ImmutableArray<MailProtocol>[] Protocols =
        [[MailProtocol.IMAP], [MailProtocol.SMTP], [MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP]];

    private static readonly Gen<SlotChange> AnyChange =
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 4], Gen.Int[0, 2], Gen.Bool, Gen.Bool, Change);

    [Fact]
    public void Apply_AnyChangesToAnyFile_LeaveForeignLinesAndTheirOrder() =>
        Gen.Select(Gen.Int[0, Lines.Length
            - 1].Select(index => Lines[index]).Array[0, 12], AnyChange.Array[1, 12]).Sample((foreign, changes) =>
        {
            string before = string.Concat(foreign.Select(static line => line + "\n"));
            var document = PasswdFileDocument.Parse(before);
            foreach (SlotChange change in changes)
            {
                document.Apply(change);
            }

            return OnlyForeign(document.Render()) == before;
        });

    [Fact]
    public void Apply_AnyChanges_ReadBackWhatWasPutLast() =>
        AnyChange.Array[1, 20].Sample(changes =>
        {
            var document = PasswdFileDocument.Parse("");
            var expected = new Dictionary<(SlotOwner, string), Slot>();
            foreach (SlotChange change in changes)
            {
                document.Apply(change);
                change.Remove.ToList().ForEach(selector => expected.Remove((change.Owner, selector)));
                change.Put.ToList().ForEach(slot => expected[(slot.Owner, slot.Selector)] = slot);
            }

            IReadOnlyList<Slot> written =
                document.SlotsOf("cluster"), read = PasswdFileDocument.Parse(document.Render()).SlotsOf("cluster");
            return written.ToHashSet().SetEquals(expected.Values) && read.ToHashSet().SetEquals(expected.Values)
                && read.Count == expected.Count;
        });

    [Fact]
    public void Apply_AnyChangeAgain_SaysThatNothingIsDifferent() => AnyChange.Sample(change =>
    {
        var document = PasswdFileDocument.Parse("");
        document.Apply(change);
        string before = document.Render();

        return !document.Apply(change) && document.Render() == before;
    });

    [Fact]
    public void Parse_LastLineWithoutItsEnd_IsNotJoinedToTheNext()
    {
        var document = PasswdFileDocument.Parse("boss@example.com:{PLAIN}x");

        document.Apply(Change(0, 0, 0, isSuspended: false, isRemoval: false));

        Assert.StartsWith("boss@example.com:{PLAIN}x\nimap/", document.Render());
    }

    [Fact]
    public void Apply_OneServiceOfASlotTaken_ChangesNothingAtAll()
    {
        // A refused change must not have removed anything.
        var document = PasswdFileDocument.Parse("submission/box0@example.com/s00001:{PLAIN}theirs\n");
        document.Apply(Change(0, 0, 1, isSuspended: false, isRemoval: false));
        string before = document.Render();
        SlotChange taken = Change(0, 1, 1, isSuspended: false, isRemoval: false) with { Remove = ["s00000"] };

        MailBackendException refused = Assert.Throws<MailBackendException>(() => document.Apply(taken));

        Assert.Equal(before, document.Render());
        Assert.Contains("submission/box0@example.com/s00001", refused.Message);
        Assert.DoesNotContain("theirs", refused.Message);
    }

    [Fact]
    public void Apply_KeyTakenByAnotherDeviceAlsoWhileDisabled_IsRefused()
    {
        var document = PasswdFileDocument.Parse("");
        SlotChange theirs = Change(0, 0, 0, isSuspended: true, isRemoval: false);
        document.Apply(theirs);
        SlotOwner other = new("cluster", "uid-other");
        SlotChange ours = theirs with { Owner = other, Put = [theirs.Put[0] with { Owner = other }] };

        Assert.Throws<MailBackendException>(() => document.Apply(ours));

        Assert.Empty(document.SlotsOf(other));
        document.RemoveAll(theirs.Owner);
        Assert.True(document.Apply(ours)); // free again
    }

    [Fact]
    public void Apply_KeyIsAlsoTheirs_IsRefusedEachTime()
    {
        // Mutant: knows only the first line of a key, so that the second is forgotten together with our own.
        SlotChange put = Change(0, 0, 0, isSuspended: false, isRemoval: false);
        var document = PasswdFileDocument.Parse("");
        document.Apply(put);
        string before = document.Render() + "imap/box0@example.com/s00000:{PLAIN}theirs\n";
        document = PasswdFileDocument.Parse(before);

        Assert.Throws<MailBackendException>(() => document.Apply(put));
        Assert.Equal(before, document.Render());
        document.RemoveAll(put.Owner);
        Assert.Throws<MailBackendException>(() => document.Apply(put));
    }

    [Fact]
    public void Apply_KeyIsOfAnotherSelectorOfTheSameDevice_IsRefused()
    {
        // Mutant: any line of the device may have the key, so that it is there twice.
        SlotChange put = Change(0, 0, 0, isSuspended: false, isRemoval: false);
        var document = PasswdFileDocument.Parse("");
        document.Apply(put);
        document = PasswdFileDocument.Parse(
            document.Render().Replace("\n", " mailoperator_selector=s00009\n", StringComparison.Ordinal));

        Assert.Throws<MailBackendException>(() => document.Apply(put));
        Assert.True(document.Apply(put with { Remove = ["s00009"] }));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Apply_SuspendsAlthoughItsKeyIsAlsoTheirs(bool isChosen)
    {
        // Mutant: refuses it, so that a line of another keeps a suspended password alive.
        SlotChange put = Change(0, 0, 0, isSuspended: false, isRemoval: false);
        put = put with { Put = [put.Put[0] with { IsChosen = isChosen }] };
        var document = PasswdFileDocument.Parse("");
        document.Apply(put);
        string theirs = string.Concat((string[])
            [.. Enumerable.Range(1, 4).Select(static number => $"imap/box0@example.com/chosen-{number}:x\n"),
                "imap/box0@example.com/s00000:x\n"]);
        document = PasswdFileDocument.Parse(theirs + document.Render());
        Slot suspended = put.Put[0] with { Restrictions = put.Put[0].Restrictions with { IsSuspended = true } };

        Assert.True(document.Apply(put with { Put = [suspended] }));

        Assert.True(Assert.Single(document.SlotsOf(put.Owner)).Restrictions.IsSuspended);
        Assert.Throws<MailBackendException>(() => document.Apply(put));
    }

    [Fact]
    public void SlotsOf_ALineTwice_IsNotIntactAndIsPutRight()
    {
        // A duplicate by hand: Dovecot logs an error whenever it reads the file.
        var document = PasswdFileDocument.Parse("");
        SlotChange put = Change(0, 0, 2, isSuspended: false, isRemoval: false);
        document.Apply(put);
        string once = document.Render();
        document = PasswdFileDocument.Parse(once + once[..(once.IndexOf('\n', StringComparison.Ordinal) + 1)]);

        Assert.False(Assert.Single(document.SlotsOf(put.Owner)).IsIntact);
        Assert.True(document.Apply(put));
        Assert.Equal(once, document.Render());
    }

    [Fact]
    public void SlotsOf_WindowsLineEnds_AreNotIntactAndPutRight()
    {
        var document = PasswdFileDocument.Parse("");
        SlotChange put = Change(0, 0, 2, isSuspended: false, isRemoval: false);
        document.Apply(put);
        string written = document.Render();
        document = PasswdFileDocument.Parse(written.Replace("\n", "\r\n", StringComparison.Ordinal));

        Assert.False(Assert.Single(document.SlotsOf(put.Owner)).IsIntact);
        document.Apply(put);
        Assert.Equal(written, document.Render());
    }

    private static SlotChange Change(int device, int number, int protocols, bool isSuspended, bool isRemoval)
    {
        SlotOwner owner = new("cluster", $"uid-{device}");
        string selector = $"s{number:D5}";
        return isRemoval
            ? new SlotChange(owner, [], [selector])
            : new SlotChange(
                owner,
                [
                    new Slot
                    {
                        Owner = owner,
                        Selector = selector,
                        Mailbox = $"box{device}@example.com",
                        Hash = "$2y$04$hash",
                        IssuedAt = DateTimeOffset.FromUnixTimeSeconds(1700000000 + protocols),
                        Restrictions = new SlotRestrictions
                        {
                            DeviceName = "shop/x",
                            Protocols = Protocols[protocols],
                            IsSuspended = isSuspended,
                        },
                    },
                ],
                []);
    }

    private static string OnlyForeign(string text) => string.Concat(text.Split('\n')[..^1]
        .Where(static line => PasswdFileLine.Parse(line)?.Owner.Instance != "cluster")
        .Select(static line => line + "\n"));
}
