using MailOperator.Api;
using MailOperator.Backends.Ldap.Protocol;

namespace MailOperator.Backends.Ldap;

/// <summary>
/// The operations for a change of a device's slots, given what the directory holds for the device. LDAP is atomic per
/// operation only, so operations that may be refused come first, and those that end a password last.
/// </summary>
internal sealed class EntryChanges
{
    private readonly LdapSpec _spec;

    /// <param name="spec">The directory.</param>
    /// <param name="change">The change.</param>
    /// <param name="owned">The device's entries.</param>
    /// <param name="chosen">Entries of chosen passwords in <see cref="ChosenMailboxes"/>, of any owner.</param>
    /// <exception cref="MailBackendException">
    /// A mailbox has no place for another chosen password, or an entry is shown incompletely.
    /// </exception>
    public EntryChanges(
        LdapSpec spec, SlotChange change, IReadOnlyList<LdapEntry> owned, IReadOnlyList<LdapEntry> chosen)
    {
        _spec = spec;
        foreach (LdapEntry entry in owned.Concat(chosen))
        {
            // A hidden attribute could not be restored by an undo, and a hidden selector would not be found.
            SlotEntry.ThrowIfNotShown(entry, SlotEntry.Required);
        }

        // An entry with the selector of a put slot that cannot be replaced in place is removed, and the slot added.
        List<LdapEntry> removed = [.. owned.Where(entry => IsRemoved(entry, change))];
        HashSet<(string Mailbox, int Place)> taken =
            [.. chosen.Select(static entry => (entry.Value(SlotEntry.Mailbox)!, SlotEntry.PlaceOf(entry)!.Value))];
        var additions = new List<EntryChange>();
        var replacements = new List<EntryChange>();
        foreach (Slot slot in change.Put)
        {
            if (owned.FirstOrDefault(entry => CanReplace(slot, entry)) is { } present)
            {
                replacements.Add(Replace(slot, present));
            }
            else if (!slot.IsChosen)
            {
                additions.Add(Add(slot, place: null));
            }
            else if (FreePlace(slot.Mailbox, taken) is { } place)
            {
                additions.Add(Add(slot, place));
            }
            else
            {
                LdapEntry outgoing = removed.Find(entry => HasPlaceIn(entry, slot.Mailbox))
                    ?? throw ChosenPasswords.NoPlace(slot.Mailbox);
                removed.Remove(outgoing);
                replacements.Add(Replace(slot, outgoing));
            }
        }

        // A mailbox may lack its entry if none of the device's entries remain in it.
        IEnumerable<string> remaining = owned.Except(removed).Select(static entry => entry.Value(SlotEntry.Mailbox)!);
        IEnumerable<string> accounts = change.Put.Select(static slot => slot.Mailbox).Except(remaining);
        Removed = removed;
        InOrder =
        [
            .. accounts.Select(mailbox => EntryChange.Account(spec, mailbox)),
            .. additions,
            .. replacements,
            .. removed.Select(EntryChange.Removal),
        ];
    }

    /// <summary>The operations, in the order in which they must be done.</summary>
    public IReadOnlyList<EntryChange> InOrder { get; }

    /// <summary>Entries of removed slots.</summary>
    public IReadOnlyList<LdapEntry> Removed { get; }

    /// <summary>Mailboxes that get a chosen password, which needs a place.</summary>
    public static IEnumerable<string> ChosenMailboxes(SlotChange change) =>
        change.Put.Where(static slot => slot.IsChosen).Select(static slot => slot.Mailbox).Distinct();

    /// <summary>The entry's name is unique per mailbox, so that the directory refuses a duplicate.</summary>
    private EntryChange Add(Slot slot, int? place)
    {
        string account = EntryChange.AccountDn(_spec, slot.Mailbox);
        string dn = place is { } number
            ? DistinguishedName.Child(SlotEntry.Place, $"{number}", account)
            : DistinguishedName.Child(SlotEntry.Selector, slot.Selector, account);
        Dictionary<string, IReadOnlyList<string>> attributes = SlotEntry.Attributes(slot, place, _spec.PasswordPolicy)
            .Where(static attribute => attribute.Value.Count > 0)
            .ToDictionary();
        return new EntryChange(new AddOperation(dn, attributes), new DeleteOperation(dn));
    }

    /// <summary>
    /// Replaces only attributes that the entry has or gets, because a server without the overlay does not know all of
    /// them. Its class and the attribute that names it stay.
    /// </summary>
    private EntryChange Replace(Slot slot, LdapEntry present)
    {
        int? place = SlotEntry.PlaceOf(present);
        var attributes = SlotEntry.Attributes(slot, place, _spec.PasswordPolicy)
            .Where(attribute => attribute.Key is not SlotEntry.ObjectClass and not SlotEntry.Place)
            .Where(attribute => attribute.Key != SlotEntry.Selector || place is not null)
            .Where(attribute => attribute.Value.Count > 0 || present.Values(attribute.Key).Count > 0)
            .ToDictionary();
        var before = attributes.Keys.ToDictionary(static name => name, present.Values);
        return new EntryChange(new ReplaceOperation(present.Dn, attributes), new ReplaceOperation(present.Dn, before));
    }

    private static int? FreePlace(string mailbox, HashSet<(string Mailbox, int Place)> taken)
    {
        int place = Enumerable.Range(1, ChosenPasswords.MaxPerMailbox)
            .FirstOrDefault(place => !taken.Contains((mailbox, place)));
        return place > 0 && taken.Add((mailbox, place)) ? place : null;
    }

    private static bool IsRemoved(LdapEntry entry, SlotChange change)
    {
        string selector = entry.Value(SlotEntry.Selector)!;
        Slot? put = change.Put.FirstOrDefault(slot => slot.Selector == selector);
        return put is null ? change.Remove.Contains(selector) : !CanReplace(put, entry);
    }

    private static bool CanReplace(Slot slot, LdapEntry entry) =>
        entry.Value(SlotEntry.Selector) == slot.Selector
        && entry.Value(SlotEntry.Mailbox) == slot.Mailbox
        && SlotEntry.PlaceOf(entry) is null != slot.IsChosen;

    private static bool HasPlaceIn(LdapEntry entry, string mailbox) =>
        entry.Value(SlotEntry.Mailbox) == mailbox && SlotEntry.PlaceOf(entry) is not null;
}
