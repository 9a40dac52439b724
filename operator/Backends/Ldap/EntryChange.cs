using MailOperator.Api;
using MailOperator.Backends.Ldap.Protocol;

namespace MailOperator.Backends.Ldap;

/// <summary>An operation on one entry and how it is undone.</summary>
/// <param name="Do">The operation.</param>
/// <param name="Undo">What makes the entry as it was.</param>
internal sealed record EntryChange(LdapOperation Do, LdapOperation Undo)
{
    /// <summary>The result that says that nothing was to be done, and so nothing is to be undone.</summary>
    public LdapCode? WasSo { get; private init; }

    /// <summary>Adds the entry of a mailbox, which may be there for other slots.</summary>
    public static EntryChange Account(LdapSpec spec, string mailbox)
    {
        string dn = AccountDn(spec, mailbox);
        var attributes = new Dictionary<string, IReadOnlyList<string>>
        {
            [SlotEntry.ObjectClass] = [SlotEntry.AccountClass],
            [SlotEntry.Mailbox] = [mailbox],
        };
        return new EntryChange(new AddOperation(dn, attributes), new DeleteOperation(dn)) { WasSo = LdapCode.EntryAlreadyExists };
    }

    /// <summary>Takes an entry away, which somebody else may have done.</summary>
    public static EntryChange Removal(LdapEntry entry) =>
        new(new DeleteOperation(entry.Dn), new AddOperation(entry.Dn, entry.Attributes)) { WasSo = LdapCode.NoSuchObject };

    public static string AccountDn(LdapSpec spec, string mailbox) => DistinguishedName.Child(SlotEntry.Mailbox, mailbox, spec.BaseDN);
}
