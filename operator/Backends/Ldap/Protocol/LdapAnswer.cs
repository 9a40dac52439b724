using System.Formats.Asn1;
using System.Text;

namespace MailOperator.Backends.Ldap.Protocol;

/// <summary>
/// A message of the directory: an entry of a search, a reference to another directory, or the result of a request.
/// </summary>
internal sealed class LdapAnswer
{
    private const int SearchEntry = 4;
    private const int SearchReference = 19;

    /// <summary>The id of the request that it answers; 0 means that the server closes the connection.</summary>
    public required int MessageId { get; init; }

    public LdapEntry? Entry { get; private init; }

    /// <summary>Whether a part of the searched tree is in another directory.</summary>
    public bool IsReference { get; private init; }

    /// <summary>Whether it completes its request; a search returns entries first.</summary>
    public bool IsLast { get; private init; }

    public LdapCode Code { get; private init; }

    /// <summary>The server's diagnostic message; often empty.</summary>
    public string Diagnostics { get; private init; } = "";

    /// <exception cref="AsnContentException">It is not LDAP.</exception>
    public static LdapAnswer Read(ReadOnlyMemory<byte> message)
    {
        AsnReader envelope = new AsnReader(message, AsnEncodingRules.BER).ReadSequence();
        if (!envelope.TryReadInt32(out int id))
        {
            throw new AsnContentException("A message id is too large.");
        }

        Asn1Tag tag = envelope.PeekTag();
        if (tag.TagClass != TagClass.Application)
        {
            throw new AsnContentException("It is no operation.");
        }

        AsnReader operation = envelope.ReadSequence(tag);
        return tag.TagValue switch
        {
            SearchEntry => new LdapAnswer { MessageId = id, Entry = ReadEntry(operation) },
            SearchReference => new LdapAnswer { MessageId = id, IsReference = true },
            _ => ReadResult(id, operation),
        };
    }

    private static LdapAnswer ReadResult(int id, AsnReader result)
    {
        int code = result.ReadEnumeratedBytes().Span[^1];
        _ = result.ReadOctetString();
        string diagnostics = Encoding.UTF8.GetString(result.ReadOctetString());
        return new LdapAnswer { MessageId = id, IsLast = true, Code = (LdapCode)code, Diagnostics = diagnostics };
    }

    private static LdapEntry ReadEntry(AsnReader entry)
    {
        string dn = Encoding.UTF8.GetString(entry.ReadOctetString());
        var attributes = new Dictionary<string, IReadOnlyList<string>>(StringComparer.OrdinalIgnoreCase);
        AsnReader list = entry.ReadSequence();
        while (list.HasData)
        {
            AsnReader attribute = list.ReadSequence();
            string name = Encoding.UTF8.GetString(attribute.ReadOctetString());
            var values = new List<string>();
            AsnReader set = attribute.ReadSetOf(skipSortOrderValidation: true);
            while (set.HasData)
            {
                values.Add(Encoding.UTF8.GetString(set.ReadOctetString()));
            }

            attributes[name] = values;
        }

        return new LdapEntry(dn, attributes);
    }
}
