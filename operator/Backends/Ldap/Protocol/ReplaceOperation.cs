using System.Formats.Asn1;

namespace MailOperator.Backends.Ldap.Protocol;

/// <summary>Replaces the values of attributes; no values remove the attribute.</summary>
internal sealed record ReplaceOperation(string Dn, IReadOnlyDictionary<string, IReadOnlyList<string>> Attributes)
    : LdapOperation(Dn)
{
    private enum Change
    {
        Replace = 2,
    }

    public override void Write(AsnWriter writer)
    {
        using (writer.PushSequence(Request(6)))
        {
            Write(writer, Dn);
            using (writer.PushSequence())
            {
                foreach ((string name, IReadOnlyList<string> values) in Attributes)
                {
                    using (writer.PushSequence())
                    {
                        writer.WriteEnumeratedValue(Change.Replace);
                        WriteAttribute(writer, name, values);
                    }
                }
            }
        }
    }
}
