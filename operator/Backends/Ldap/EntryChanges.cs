using MailOperator.Api;
using MailOperator.Backends.Ldap.Protocol;

namespace MailOperator.Backends.Ldap;

/// <summary>
/// The operations that a change of a device's slots takes, from what the directory holds of the device. Each is done as a
/// whole or not at all, and LDAP knows no more than that: so what can be refused comes first, and what ends a password last.
/// </summary>
internal sealed class EntryChanges
{
    private readonly LdapSpec _spec;

    /// <param name="spec">The directory.</param>
    /// <param name="change">What is wanted.</param>
    /// <param name="owned">Entries of the device.</param>
    /// <param name="chosen">Entries of chosen passwords of <see cref="ChosenMailboxes"/>, whoever owns them.</param>
    /// <exception cref="MailBackendException">A mailbox has no place for another chosen password, or an entry is not shown as a whole.</exception>
    public EntryChanges(LdapSpec spec, SlotChange change, IReadOnlyList<LdapEntry> owned, IReadOnlyList<LdapEntry> chosen)
    {
        _spec = spec;
        foreach (LdapEntry entry in owned.Concat(chosen))
        {
            SlotEntry.ThrowIfNotShown(entry, SlotEntry.Required); // what is not shown is not undone, and no selector is found in it
        }

        // What takes the selector of a slot that is there and cannot stand in its place is put anew.
        List<LdapEntry> removed = [.. owned.Where(entry => change.Put.FirstOrDefault(slot => slot.Selector == entry.Value(SlotEntry.Selector)) is { } slot
            ? !StandsInPlaceOf(slot, entry)
            : change.Remove.Contains(entry.Value(SlotEntry.Selector)!))];
        HashSet<(string Mailbox, int Place)> taken = [.. chosen.Select(static entry => (entry.Value(SlotEntry.Mailbox)!, SlotEntry.PlaceOf(entry)!.Value))];
        var additions = new List<EntryChange>();
        var replacements = new List<EntryChange>();
        foreach (Slot slot in change.Put)
        {
            if (owned.FirstOrDefault(entry => StandsInPlaceOf(slot, entry)) is { } there)
            {
                replacements.Add(Replace(slot, there));
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
                LdapEntry outgoing = removed.Find(entry => entry.Value(SlotEntry.Mailbox) == slot.Mailbox && SlotEntry.PlaceOf(entry) is not null)
                    ?? throw ChosenPasswords.NoPlace(slot.Mailbox);
                removed.Remove(outgoing);
                replacements.Add(Replace(slot, outgoing));
            }
        }

        // Mailboxes that the device has nothing in, or nothing that stays, may have no entry.
        IEnumerable<string> accounts = change.Put.Select(static slot => slot.Mailbox).Except(owned.Except(removed).Select(static entry => entry.Value(SlotEntry.Mailbox)!));
        Removed = removed;
        InOrder = [.. accounts.Select(mailbox => EntryChange.Account(spec, mailbox)), .. additions, .. replacements, .. removed.Select(EntryChange.Removal)];
    }

    /// <summary>Each to be done after those before it.</summary>
    public IReadOnlyList<EntryChange> InOrder { get; }

    /// <summary>Entries of slots that go.</summary>
    public IReadOnlyList<LdapEntry> Removed { get; }

    /// <summary>Mailboxes in which a chosen password needs a place.</summary>
    public static IEnumerable<string> ChosenMailboxes(SlotChange change) =>
        change.Put.Where(static slot => slot.IsChosen).Select(static slot => slot.Mailbox).Distinct();

    /// <summary>The name of the entry is what no two passwords of a mailbox share: the directory refuses a second.</summary>
    private EntryChange Add(Slot slot, int? place)
    {
        string account = EntryChange.AccountDn(_spec, slot.Mailbox);
        string dn = place is { } number
            ? DistinguishedName.Child(SlotEntry.Place, $"{number}", account)
            : DistinguishedName.Child(SlotEntry.Selector, slot.Selector, account);
        Dictionary<string, IReadOnlyList<string>> attributes = SlotEntry.Attributes(slot, place, _spec.PasswordPolicy).Where(static attribute => attribute.Value.Count > 0).ToDictionary();
        return new EntryChange(new AddOperation(dn, attributes), new DeleteOperation(dn));
    }

    /// <summary>
    /// Only what the entry has or gets, as a server without the overlay does not know all attributes; and not what its
    /// name is made of, nor its class.
    /// </summary>
    private EntryChange Replace(Slot slot, LdapEntry there)
    {
        int? place = SlotEntry.PlaceOf(there);
        var attributes = SlotEntry.Attributes(slot, place, _spec.PasswordPolicy)
            .Where(attribute => attribute.Key is not SlotEntry.ObjectClass and not SlotEntry.Place && (attribute.Key != SlotEntry.Selector || place is not null))
            .Where(attribute => attribute.Value.Count > 0 || there.Values(attribute.Key).Count > 0)
            .ToDictionary();
        return new EntryChange(
            new ReplaceOperation(there.Dn, attributes), new ReplaceOperation(there.Dn, attributes.Keys.ToDictionary(static name => name, there.Values)));
    }

    private static int? FreePlace(string mailbox, HashSet<(string Mailbox, int Place)> taken)
    {
        int place = Enumerable.Range(1, ChosenPasswords.MaxPerMailbox).FirstOrDefault(place => !taken.Contains((mailbox, place)));
        return place > 0 && taken.Add((mailbox, place)) ? place : null;
    }

    private static bool StandsInPlaceOf(Slot slot, LdapEntry entry) =>
        entry.Value(SlotEntry.Selector) == slot.Selector && entry.Value(SlotEntry.Mailbox) == slot.Mailbox && SlotEntry.PlaceOf(entry) is null != slot.IsChosen;
}
