using System.Formats.Asn1;

namespace MailOperator.Backends.Ldap.Protocol;

internal sealed record AddOperation(string Dn, IReadOnlyDictionary<string, IReadOnlyList<string>> Attributes)
    : LdapOperation(Dn)
{
    public override void Write(AsnWriter writer)
    {
        using (writer.PushSequence(Request(8)))
        {
            Write(writer, Dn);
            using (writer.PushSequence())
            {
                foreach ((string name, IReadOnlyList<string> values) in Attributes)
                {
                    WriteAttribute(writer, name, values);
                }
            }
        }
    }
}
