using System.Formats.Asn1;

namespace MailOperator.Backends.Ldap.Protocol;

/// <summary>Logs in with a DN and its password.</summary>
internal sealed record BindOperation(string Dn, string Secret) : LdapOperation(Dn)
{
    public override void Write(AsnWriter writer)
    {
        using (writer.PushSequence(Request(0)))
        {
            writer.WriteInteger(3);
            Write(writer, Dn);
            writer.WriteOctetString(
                System.Text.Encoding.UTF8.GetBytes(Secret), new Asn1Tag(TagClass.ContextSpecific, 0));
        }
    }

    public override string ToString() => Dn;
}
