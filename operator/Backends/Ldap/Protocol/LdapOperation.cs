using System.Formats.Asn1;

namespace MailOperator.Backends.Ldap.Protocol;

/// <summary>A request of RFC 4511.</summary>
/// <param name="Dn">The entry that it is about; empty if it is about none.</param>
internal abstract record LdapOperation(string Dn)
{
    public static Asn1Tag Request(int number, bool isConstructed = true) => new(TagClass.Application, number, isConstructed);

    public abstract void Write(AsnWriter writer);

    private protected static void Write(AsnWriter writer, string text) => writer.WriteOctetString(System.Text.Encoding.UTF8.GetBytes(text));

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

/// <summary>Logs in with a DN and its password.</summary>
internal sealed record BindOperation(string Dn, string Secret) : LdapOperation(Dn)
{
    public override void Write(AsnWriter writer)
    {
        using (writer.PushSequence(Request(0)))
        {
            writer.WriteInteger(3);
            Write(writer, Dn);
            writer.WriteOctetString(System.Text.Encoding.UTF8.GetBytes(Secret), new Asn1Tag(TagClass.ContextSpecific, 0));
        }
    }

    public override string ToString() => Dn;
}

internal enum LdapScope
{
    Base = 0,
    OneLevel = 1,
    Subtree = 2,
}

/// <summary>Finds entries in which each attribute has the value; a null value asks for any.</summary>
internal sealed record SearchOperation(string Dn, LdapScope Scope, IReadOnlyList<(string Attribute, string? Value)> Filter, IReadOnlyList<string> Attributes) : LdapOperation(Dn)
{
    /// <summary>Entries that are enough; 0 asks for all, and fails at a limit of the server's.</summary>
    public int SizeLimit { get; init; }

    public override void Write(AsnWriter writer)
    {
        using (writer.PushSequence(Request(3)))
        {
            Write(writer, Dn);
            writer.WriteEnumeratedValue(Scope);
            writer.WriteEnumeratedValue(LdapScope.Base); // aliases are not followed
            writer.WriteInteger(SizeLimit);
            writer.WriteInteger(0); // no limit of time but the server's
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
                    writer.WriteOctetString(System.Text.Encoding.UTF8.GetBytes(attribute), new Asn1Tag(TagClass.ContextSpecific, 7)); // present
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

internal sealed record AddOperation(string Dn, IReadOnlyDictionary<string, IReadOnlyList<string>> Attributes) : LdapOperation(Dn)
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

/// <summary>Puts these values in the place of those that the attributes have; none removes the attribute.</summary>
internal sealed record ReplaceOperation(string Dn, IReadOnlyDictionary<string, IReadOnlyList<string>> Attributes) : LdapOperation(Dn)
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

internal sealed record DeleteOperation(string Dn) : LdapOperation(Dn)
{
    public override void Write(AsnWriter writer) =>
        writer.WriteOctetString(System.Text.Encoding.UTF8.GetBytes(Dn), Request(10, isConstructed: false));
}

/// <summary>Something beyond RFC 4511, by its object identifier.</summary>
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
