using MailOperator.Api;
using MailOperator.Backends.Ldap.Protocol;

namespace MailOperator.Backends.Ldap;

/// <summary>An operation on one entry and its inverse.</summary>
/// <param name="Do">The operation.</param>
/// <param name="Undo">Restores the entry.</param>
internal sealed record EntryChange(LdapOperation Do, LdapOperation Undo)
{
    /// <summary>The result that means that nothing was changed, so that there is nothing to undo.</summary>
    public LdapCode? WasSo { get; private init; }

    /// <summary>Adds the entry of a mailbox, which may already exist for other slots.</summary>
    public static EntryChange Account(LdapSpec spec, string mailbox)
    {
        string dn = AccountDn(spec, mailbox);
        var attributes = new Dictionary<string, IReadOnlyList<string>>
        {
            [SlotEntry.ObjectClass] = [SlotEntry.AccountClass],
            [SlotEntry.Mailbox] = [mailbox],
        };
        return new EntryChange(new AddOperation(dn, attributes), new DeleteOperation(dn))
        {
            WasSo = LdapCode.EntryAlreadyExists,
        };
    }

    /// <summary>Deletes an entry, which may already be deleted.</summary>
    public static EntryChange Removal(LdapEntry entry) =>
        new(new DeleteOperation(entry.Dn), new AddOperation(entry.Dn, entry.Attributes))
        {
            WasSo = LdapCode.NoSuchObject,
        };

    public static string AccountDn(LdapSpec spec, string mailbox) =>
        DistinguishedName.Child(SlotEntry.Mailbox, mailbox, spec.BaseDN);
}
