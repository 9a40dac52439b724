using System.Formats.Asn1;

namespace MailOperator.Backends.Ldap.Protocol;

/// <summary>A request of RFC 4511.</summary>
/// <param name="Dn">The entry that it applies to; empty if none.</param>
internal abstract record LdapOperation(string Dn)
{
    public static Asn1Tag Request(int number, bool isConstructed = true) =>
        new(TagClass.Application, number, isConstructed);

    public abstract void Write(AsnWriter writer);

    private protected static void Write(AsnWriter writer, string text) =>
        writer.WriteOctetString(System.Text.Encoding.UTF8.GetBytes(text));

    private protected static void WriteAttribute(AsnWriter writer, string name, IReadOnlyList<string> values)
    {
        using (writer.PushSequence())
        {
            Write(writer, name);
            using (writer.PushSetOf())
            {
                foreach (string value in values)
                {
                    Write(writer, value);
                }
            }
        }
    }
}
