using System.Collections.Immutable;
using CsCheck;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.PasswdFile;

namespace MailOperator.UnitTests.Fuzzing;

/// <summary>
/// A passwd-file with any bytes in it: what others wrote stays byte for byte, and what was put is there and found once.
/// </summary>
[Trait(Fuzz.Trait, Fuzz.Kind)]
public sealed class PasswdFileFuzzTests
{
    private const string Target = "passwd-file";
    private const string OwnerField = "mailoperator_owner=";

    private static readonly string[] Services = ["imap", "pop3", "smtp", "submission"];

    private static readonly ImmutableArray<MailProtocol>[] Protocols =
    [
        [MailProtocol.IMAP], [MailProtocol.SMTP], [MailProtocol.IMAP, MailProtocol.SMTP],
        [MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP],
    ];

    private static readonly Gen<byte[]> Files = ByteEdits.Of(
        Fuzz.Corpus(Target),
        "\n", "\r\n", "\r", ":", "::::::", "#", "#mail-operator ", "#mail-operator disabled ", " ", "=", "/",
        "{PLAIN}",
        "#mail-operator disabled sending-denied ", "sending-denied ", "{BLF-CRYPT}", "imap/", "pop3/", "smtp/", ",",
        "submission/", "a@example.com", "/aaaaaa:", "/chosen-1:", "/chosen-4:", " device=shop/a",
        "allow_nets=10.0.0.0/8",
        " mailoperator_owner=cluster/uid-a", " mailoperator_owner=cluster/uid-b", " mailoperator_owner=other/uid-a",
        " mailoperator_issued=1700000000", " mailoperator_issued=99999999999999999999", " mailoperator_retained=yes",
        " mailoperator_selector=bbbbbb", " mailoperator_ended=1700000000,sessions",
        "imap/a@example.com/aaaaaa:{BLF-CRYPT}x::::::device=shop/a mailoperator_owner=cluster/uid-a\n",
        "imap/a@example.com/bbbbbb:{PLAIN}x\n", "smtp/a@example.com/chosen-1:{PLAIN}x\n");

    [Fact]
    public void Files_AnyChanges_KeepLinesOfOthers() => Fuzz.Run(Target, Files, static file =>
    {
        // Mutants: reads as UTF-8, trims lines, drops empty ones, ends the last line, takes another's line for ours.
        string text = PasswdFileText.Of(file);
        var document = PasswdFileDocument.Parse(text);
        Assert.Equal(file, PasswdFileText.BytesOf(document.Render()));

        SlotChange[] changes = ChangesFor(file);
        string[] theirs = LinesWithout(text, changes);
        foreach (SlotChange change in changes)
        {
            string before = document.Render();
            bool isRefused = !TryApply(document, change, out bool isChanged);
            string after = document.Render();

            Assert.True(isRefused ? before == after : isChanged == (before != after), "it says what it did");
            Assert.Equal(theirs, LinesWithout(after, changes));
        }

        Array.ForEach(changes, change => document.RemoveAll(change.Owner));
        Assert.Equal(theirs, LinesWithout(document.Render(), changes));
        Assert.All(changes, change => Assert.Empty(document.SlotsOf(change.Owner)));
    });

    [Fact]
    public void Files_AddAndRemove_AreAsBefore() => Fuzz.Run(Target, Files, static file =>
    {
        // Mutants: leaves a line behind, keeps the end that the last line got.
        string text = PasswdFileText.Of(file);
        Slot slot = SlotFor(file, "uid-new", "nnnnnn");
        var document = PasswdFileDocument.Parse(text);
        if (TryApply(document, new SlotChange(slot.Owner, [slot], []), out _))
        {
            var again = PasswdFileDocument.Parse(document.Render());
            again.Apply(new SlotChange(slot.Owner, [], [slot.Selector]));
            Assert.Equal(text.Length == 0 || text.EndsWith('\n') ? text : text + "\n", again.Render());
            document.Apply(new SlotChange(slot.Owner, [], [slot.Selector]));
        }

        Assert.Equal(text, document.Render());
    });

    [Fact]
    public void Files_AfterAPut_HaveItOnceAndFindIt() => Fuzz.Run(Target, Files, static file =>
    {
        // Mutants: puts it twice, says "changed" each time, overlooks another line of the same key.
        var document = PasswdFileDocument.Parse(PasswdFileText.Of(file));
        foreach (SlotChange change in ChangesFor(file).Where(static one => !one.Put.IsEmpty))
        {
            if (!TryApply(document, change, out _))
            {
                continue;
            }

            string once = document.Render();
            var read = PasswdFileDocument.Parse(once);
            Assert.False(document.Apply(change), "a second time changes nothing");
            Assert.False(read.Apply(change), "nor does it after reading the file again");
            Assert.Equal(once, document.Render());
            // One that ends without a place that would be right is refused all the same.
            bool ends = change.Put[0].Restrictions.IsSuspended;
            Assert.Contains(change.Put[0], document.SlotsOf(change.Owner).Select(
                slot => ends ? slot with { IsIntact = true } : slot));
            Assert.Contains(change.Put[0], read.SlotsOf(change.Owner.Instance).Select(
                slot => ends ? slot with { IsIntact = true } : slot));
            AssertLookedUp(once, change.Put[0]);
        }
    });

    [Fact]
    public void Files_SuspendingWhatIsThere_IsNotRefused() => Fuzz.Run(Target, Files, static file =>
    {
        // Mutants: another line's key, or a mailbox full of chosen passwords, keeps a password alive.
        var document = PasswdFileDocument.Parse(PasswdFileText.Of(file));
        foreach (Slot slot in document.SlotsOf("cluster"))
        {
            document.Apply(new SlotChange(
                slot.Owner, [slot with { Restrictions = slot.Restrictions with { IsSuspended = true } }], []));
        }

        Assert.All(document.SlotsOf("cluster"), static slot => Assert.True(slot.Restrictions.IsSuspended));
    });

    // What Dovecot does: the key up to the first colon, in lines that are no comments. Two of a key are an error.
    private static void AssertLookedUp(string text, Slot slot)
    {
        string[] lines = text.Split('\n');
        string[] found = [.. lines.Where(line => Services.Any(service => line.StartsWith(
                $"{service}/{slot.Mailbox}/{(slot.IsChosen ? "chosen-" : slot.Selector + ":")}",
                StringComparison.Ordinal))
            && line.Contains($":{{BLF-CRYPT}}{slot.Hash}:") && line.Contains($" {OwnerField}{slot.Owner} ")
            && (!slot.IsChosen || line.Contains($" mailoperator_selector={slot.Selector}")))];
        SlotRestrictions wanted = slot.Restrictions;
        int accepted = wanted.IsSuspended || slot.End is not null ? 0
            : wanted.Protocols.Sum(one => one != MailProtocol.SMTP ? 1 : wanted.MaySend ? 2 : 0);

        Assert.Equal(accepted, found.Length);
        string[] keys = [.. found.Select(static line => line[..(line.IndexOf(':') + 1)])];
        Assert.All(keys, key => Assert.Single(lines, line => line.StartsWith(key, StringComparison.Ordinal)));
    }

    private static bool TryApply(PasswdFileDocument document, SlotChange change, out bool isChanged)
    {
        isChanged = false;
        try
        {
            isChanged = document.Apply(change);
            return true;
        }
        catch (MailBackendException e)
        {
            MachineWords.AssertNoneIn(e.Message);
            return false;
        }
    }

    // The parser has no say in whose line it is.
    private static string[] LinesWithout(string text, SlotChange[] changes) =>
        [.. text.Split('\n').Where(line => line.Length > 0 && !changes.Any(change =>
            line.Contains($"{OwnerField}{change.Owner}", StringComparison.Ordinal)))];

    private static SlotChange[] ChangesFor(byte[] file)
    {
        Slot one = SlotFor(file, "uid-a", "aaaaaa"), other = SlotFor([.. file, 1], "uid-b", "bbbbbb");
        return
        [
            new SlotChange(one.Owner, [one], ["bbbbbb"]),
            new SlotChange(other.Owner, [other], []),
            new SlotChange(one.Owner, [], ["aaaaaa"]),
            new SlotChange(one.Owner, [one with { Selector = "bbbbbb" }], []),
        ];
    }

    // Differs with the file, and is the same for the same file.
    private static Slot SlotFor(byte[] file, string uid, string selector)
    {
        uint mark = file.Aggregate(2166136261u, static (sum, one) => unchecked((sum ^ one) * 16777619));
        bool Bit(int number) => (mark >> number & 1) == 1;
        return new Slot
        {
            Owner = new SlotOwner("cluster", uid),
            Selector = selector,
            IsChosen = Bit(8),
            Mailbox = Bit(9) ? "a@example.com" : "b+c@example.org",
            Hash = "$2y$04$fuzzedhash",
            IssuedAt = DateTimeOffset.FromUnixTimeSeconds(mark),
            IsRetained = Bit(10),
            End = Bit(11) && Bit(12) ? new SlotEnd(DateTimeOffset.FromUnixTimeSeconds(mark), Bit(13)) : null,
            Restrictions = new SlotRestrictions
            {
                DeviceName = "shop/a",
                Protocols = Protocols[mark >> 14 & 3],
                AllowedNetworks = Bit(16) ? ["10.0.0.0/8", "2001:db8::/32"] : [],
                MaySend = Bit(17),
                IsSuspended = Bit(11) && Bit(12) ? true : Bit(18) && Bit(19),
            },
        };
    }
}
