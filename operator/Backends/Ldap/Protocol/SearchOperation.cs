using System.Formats.Asn1;

namespace MailOperator.Backends.Ldap.Protocol;

/// <summary>Finds entries whose attributes have these values; a null value matches any.</summary>
internal sealed record SearchOperation(
    string Dn,
    LdapScope Scope,
    IReadOnlyList<(string Attribute, string? Value)> Filter,
    IReadOnlyList<string> Attributes)
    : LdapOperation(Dn)
{
    /// <summary>Maximum number of entries; 0 asks for all, and fails if the server has a lower limit.</summary>
    public int SizeLimit { get; init; }

    public override void Write(AsnWriter writer)
    {
        using (writer.PushSequence(Request(3)))
        {
            Write(writer, Dn);
            writer.WriteEnumeratedValue(Scope);
            writer.WriteEnumeratedValue(LdapScope.Base); // aliases are not followed
            writer.WriteInteger(SizeLimit);
            writer.WriteInteger(0); // no time limit but the server's
            writer.WriteBoolean(false);
            WriteFilter(writer);
            using (writer.PushSequence())
            {
                foreach (string attribute in Attributes)
                {
                    Write(writer, attribute);
                }
            }
        }
    }

    private void WriteFilter(AsnWriter writer)
    {
        using (writer.PushSetOf(new Asn1Tag(TagClass.ContextSpecific, 0))) // and
        {
            foreach ((string attribute, string? value) in Filter)
            {
                if (value is null)
                {
                    var present = new Asn1Tag(TagClass.ContextSpecific, 7);
                    writer.WriteOctetString(System.Text.Encoding.UTF8.GetBytes(attribute), present);
                    continue;
                }

                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 3))) // equal
                {
                    Write(writer, attribute);
                    Write(writer, value);
                }
            }
        }
    }
}
