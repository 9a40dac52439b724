using System.Formats.Asn1;

namespace MailOperator.Backends.Ldap.Protocol;

/// <summary>An extended operation, by its object identifier.</summary>
internal sealed record ExtendedOperation(string Oid) : LdapOperation("")
{
    public override void Write(AsnWriter writer)
    {
        using (writer.PushSequence(Request(23)))
        {
            writer.WriteOctetString(System.Text.Encoding.UTF8.GetBytes(Oid), new Asn1Tag(TagClass.ContextSpecific, 0));
        }
    }
}
