using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using MailOperator.Api;

namespace MailOperator.Backends.PasswdFile;

/// <summary>
/// The content of a passwd-file: our slots by owner, and every other line unchanged. Not thread-safe.
/// </summary>
internal sealed class PasswdFileDocument
{
    // A linked list keeps the order of the file and adds and removes lines in constant time.
    private readonly LinkedList<Line> _lines = [];
    private readonly Dictionary<SlotOwner, List<LinkedListNode<Line>>> _owned = [];

    // More than one only if somebody else has written a key a second time.
    private readonly Dictionary<string, List<LinkedListNode<Line>>> _byKey = new(StringComparer.Ordinal);

    // The last line as it was read, if it had no end. It gets one only if another line follows.
    private LinkedListNode<Line>? _open;

    public static PasswdFileDocument Parse(string text)
    {
        var document = new PasswdFileDocument();
        string[] lines = text.Split('\n');
        int count = lines[^1].Length == 0 ? lines.Length - 1 : lines.Length;
        for (int index = 0; index < count; index++)
        {
            document.Append(lines[index], PasswdFileLine.Parse(lines[index]));
        }

        document._open = count == lines.Length ? document._lines.Last : null;
        return document;
    }

    public IReadOnlyList<Slot> SlotsOf(SlotOwner owner) =>
        _owned.TryGetValue(owner, out List<LinkedListNode<Line>>? lines) ? Merge(lines) : [];

    public IReadOnlyList<Slot> SlotsOf(string instance) =>
        [.. _owned.Where(pair => pair.Key.Instance == instance).SelectMany(pair => Merge(pair.Value))];

    /// <summary>Whether there is a slot with this selector.</summary>
    public bool Has(SlotOwner owner, string selector) =>
        _owned.TryGetValue(owner, out List<LinkedListNode<Line>>? lines)
        && lines.Exists(line => line.Value.Slot!.Selector == selector);

    /// <summary>
    /// Applies the change and returns whether the text differs now. Throws before anything is changed if another line
    /// has the key of a slot: Dovecot would accept neither of the two. A slot that is there is suspended or ended all
    /// the same.
    /// </summary>
    public bool Apply(SlotChange change)
    {
        List<(Slot Slot, string[] Lines)> puts = LinesToPut(change);
        bool isChanged = false;
        foreach (string selector in change.Remove)
        {
            isChanged |= RemoveLines(change.Owner, line => line.Selector == selector);
        }

        foreach ((Slot slot, string[] wanted) in puts)
        {
            isChanged |= Put(slot, wanted);
        }

        return isChanged;
    }

    /// <summary>Removes every line of the owner and returns whether there was one.</summary>
    public bool RemoveAll(SlotOwner owner) => RemoveLines(owner, static _ => true);

    public string Render()
    {
        var text = new StringBuilder(_lines.Count * 160);
        foreach (Line line in _lines)
        {
            text.Append(line.Text).Append('\n');
        }

        if (_open is not null && _lines.Last == _open)
        {
            text.Length--;
        }

        return text.ToString();
    }

    private bool Put(Slot slot, string[] wanted)
    {
        string[] present = [.. LinesOf(slot)];
        if (AreSame(wanted, present))
        {
            return false;
        }

        RemoveLines(slot.Owner, line => line.Selector == slot.Selector);
        foreach (string text in wanted)
        {
            Append(text, PasswdFileLine.Parse(text));
        }

        return true;
    }

    private IEnumerable<string> LinesOf(Slot slot) =>
        _owned.TryGetValue(slot.Owner, out List<LinkedListNode<Line>>? lines)
            ? lines.Where(line => line.Value.Slot!.Selector == slot.Selector).Select(static line => line.Value.Text)
            : [];

    private List<(Slot Slot, string[] Lines)> LinesToPut(SlotChange change)
    {
        var puts = new List<(Slot, string[])>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (Slot slot in change.Put)
        {
            string[] lines = slot.IsChosen ? LinesOfChosen(slot, change, keys) : LinesOfGenerated(slot, change);
            keys.UnionWith(lines.Select(PasswdFileLine.KeyOf).OfType<string>());
            puts.Add((slot, lines));
        }

        return puts;
    }

    private string[] LinesOfGenerated(Slot slot, SlotChange change)
    {
        string[] lines = [.. PasswdFileLine.Write(slot, slot.Selector)];
        string? taken = EndsWhatIsThere(slot) ? null : lines.Select(PasswdFileLine.KeyOf).OfType<string>()
            .FirstOrDefault(key => !MayTake(key, slot, change));
        return taken is null
            ? lines
            : throw new MailBackendException(
                BackendFailure.Unavailable,
                $"The key {taken} is taken by another line of the passwd-file; the next try makes another password.");
    }

    private string[] LinesOfChosen(Slot slot, SlotChange change, HashSet<string> keysToPut)
    {
        bool IsFree(string key) => !keysToPut.Contains(key) && MayTake(key, slot, change);

        string[] present = [.. LinesOf(slot).Select(PasswdFileLine.NameOf)];
        string? name = ChosenName.Allot(
            present,
            name => PasswdFileLine.Write(slot, name).Select(PasswdFileLine.KeyOf).OfType<string>().All(IsFree))
            ?? (EndsWhatIsThere(slot) ? present[0] : null);
        return name is null
            ? throw ChosenPasswords.NoPlace(slot.Mailbox)
            : [.. PasswdFileLine.Write(slot, name)];
    }

    // What takes a right away is not refused for what another line says.
    private bool EndsWhatIsThere(Slot slot) =>
        (slot.Restrictions.IsSuspended || slot.End is not null) && Has(slot.Owner, slot.Selector);

    // The slot's own line, and one that this change removes, may be replaced; any other may not, also one of the same
    // device.
    private bool MayTake(string key, Slot slot, SlotChange change) =>
        !_byKey.TryGetValue(key, out List<LinkedListNode<Line>>? lines)
        || lines.TrueForAll(line => line.Value.Slot is { } there && there.Owner == change.Owner
            && (there.Selector == slot.Selector || change.Remove.Contains(there.Selector)));

    private bool RemoveLines(SlotOwner owner, Predicate<Slot> which)
    {
        if (!_owned.TryGetValue(owner, out List<LinkedListNode<Line>>? lines))
        {
            return false;
        }

        foreach (LinkedListNode<Line> line in lines.Where(line => which(line.Value.Slot!)))
        {
            _lines.Remove(line);
            if (PasswdFileLine.KeyOf(line.Value.Text) is { } key && _byKey[key].Remove(line) && _byKey[key].Count == 0)
            {
                _byKey.Remove(key);
            }
        }

        bool any = lines.RemoveAll(line => which(line.Value.Slot!)) > 0;
        if (lines.Count == 0)
        {
            _owned.Remove(owner);
        }

        return any;
    }

    private void Append(string text, Slot? slot)
    {
        LinkedListNode<Line> line = _lines.AddLast(new Line(text, slot));
        if (PasswdFileLine.KeyOf(text) is { } key)
        {
            Entry(_byKey, key).Add(line);
        }

        if (slot is not null)
        {
            Entry(_owned, slot.Owner).Add(line);
        }
    }

    private static List<LinkedListNode<Line>> Entry<TKey>(
        Dictionary<TKey, List<LinkedListNode<Line>>> lines, TKey key)
        where TKey : notnull =>
        CollectionsMarshal.GetValueRefOrAddDefault(lines, key, out _) ??= new List<LinkedListNode<Line>>(1);

    /// <summary>Combines the lines of a slot, which has one per service.</summary>
    private static IReadOnlyList<Slot> Merge(IEnumerable<LinkedListNode<Line>> lines) =>
        [.. lines.Select(static line => line.Value)
            .GroupBy(static line => (line.Slot!.Mailbox, line.Slot.Selector))
            .Select(static group => Merge([.. group]))];

    private static Slot Merge(Line[] lines)
    {
        Slot first = lines[0].Slot!;
        ImmutableArray<MailProtocol> protocols =
            [.. lines.SelectMany(static line => line.Slot!.Restrictions.Protocols).Distinct().Order()];
        bool maySend = lines.All(static line => line.Slot!.Restrictions.MaySend);
        Slot slot = first with { Restrictions = first.Restrictions with { Protocols = protocols, MaySend = maySend } };
        string name = first.IsChosen ? PasswdFileLine.NameOf(lines[0].Text) : first.Selector;
        return slot with
        {
            IsIntact = (!first.IsChosen || ChosenName.All.Contains(name))
                && AreSame([.. PasswdFileLine.Write(slot, name)], [.. lines.Select(static line => line.Text)]),
        };
    }

    // In any order, but each exactly once, so that a duplicate line is repaired too.
    private static bool AreSame(string[] wanted, string[] present) =>
        wanted.Length == present.Length && wanted.ToHashSet().SetEquals(present);

    private sealed record Line(string Text, Slot? Slot);
}
