using System.Formats.Asn1;
using System.Text;
using CsCheck;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Ldap;
using MailOperator.Backends.Ldap.Protocol;

namespace MailOperator.UnitTests.Fuzzing;

/// <summary>Any text in names, filters and values of a directory: it is there as it was, and no more.</summary>
[Trait(Fuzz.Trait, Fuzz.Kind)]
public sealed class LdapNameFuzzTests
{
    private const string Target = "ldap-names";
    private const string Base = "ou=app passwords,dc=example,dc=com";

    private static readonly Gen<byte[]> Names = ByteEdits.Of(
        Fuzz.Corpus(Target),
        ",", "+", "=", "\\", "\\2C", "\"", "#", ";", "<", ">", " ", "  ", "*", "(", ")", "&", "|", "!", "\n", "\r",
        "é",
        "\u2028", "😀", ",dc=evil", "+cn=evil", ")(uid=*", "\\,", "\\\\");

    [Fact]
    public void Dns_OfAnyValue_HaveOneMoreNameWithThatValue() => Fuzz.Run(Target, Names, static bytes =>
    {
        // Mutants: a special character, or a space at the end, that is not escaped.
        string value = Encoding.UTF8.GetString(bytes);
        string account = DistinguishedName.Child(SlotEntry.Mailbox, value, Base);
        string slot = DistinguishedName.Child(SlotEntry.Selector, value, account);

        (string, string)[] parent = [("ou", "app passwords"), ("dc", "example"), ("dc", "com")];
        Assert.Equal([(SlotEntry.Mailbox, value), .. parent], Rfc4514.Parse(account));
        Assert.Equal([(SlotEntry.Selector, value), (SlotEntry.Mailbox, value), .. parent], Rfc4514.Parse(slot));
        Assert.True(DistinguishedName.AreSame(slot, slot.ToUpperInvariant().ToLowerInvariant())
            || slot.Any(static one => one > '~'));
    });

    [Fact]
    public void Filters_OfAnyValue_HaveTheirTermsAndNoOther() => Fuzz.Run(Target, Names, static bytes =>
    {
        // Mutants: a value that is null for "any" although it is empty, a term that is left out.
        string value = Encoding.UTF8.GetString(bytes);
        (string, string?)[] terms = [(SlotEntry.ObjectClass, SlotEntry.SlotClass), (SlotEntry.Mailbox, value),
            (SlotEntry.Place, null), (SlotEntry.DeviceUid, value)];
        AsnReader search = Written(new SearchOperation(Base, LdapScope.Subtree, terms, SlotEntry.Everything), 3);
        Assert.Equal(Base, Text(search));
        search.ReadEnumeratedBytes();
        search.ReadEnumeratedBytes();
        search.ReadInteger();
        search.ReadInteger();
        search.ReadBoolean();
        AsnReader filter = search.ReadSetOf(skipSortOrderValidation: true, new Asn1Tag(TagClass.ContextSpecific, 0));
        var read = new List<(string, string?)>();
        while (filter.HasData)
        {
            if (filter.PeekTag().TagValue == 7)
            {
                read.Add((Encoding.UTF8.GetString(
                    filter.ReadOctetString(new Asn1Tag(TagClass.ContextSpecific, 7))), null));
                continue;
            }

            AsnReader equal = filter.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 3));
            read.Add((Text(equal), Text(equal)));
            equal.ThrowIfNotEmpty();
        }

        Assert.Equal(terms.ToHashSet(), read.ToHashSet());
        Assert.Equal(terms.Length, read.Count);
    });

    [Fact]
    public void Entries_OfAnySlot_AreReadAsTheyWereWritten() => Fuzz.Run(Target, Names, static bytes =>
    {
        // Mutants: a value is trimmed or split, a null byte ends it, an attribute without values is sent.
        string value = Encoding.UTF8.GetString(bytes);
        int half = value.Length / 2;
        half += half > 0 && char.IsLowSurrogate(value[half]) ? 1 : 0;
        var slot = new Slot
        {
            Owner = new SlotOwner(value[half..], value),
            Selector = value,
            IsChosen = value.Length % 2 == 0,
            Mailbox = value[..half],
            Hash = value,
            IssuedAt = DateTimeOffset.UnixEpoch.AddSeconds(bytes.Length),
            NotAfter = value.Length % 3 == 0 ? DateTimeOffset.MaxValue.AddTicks(-9_999_999) : null,
            IsRetained = value.Length % 5 == 0,
            End = value.Length % 7 == 0 ? new SlotEnd(DateTimeOffset.UnixEpoch, value.Length % 2 == 0) : null,
            Restrictions = new SlotRestrictions
            {
                DeviceName = value,
                Protocols = value.Length % 4 == 0 ? [MailProtocol.IMAP, MailProtocol.SMTP] : [MailProtocol.POP3],
                AllowedNetworks = value.Length % 6 == 0 ? [] : ["10.0.0.0/8", "2001:db8::/32"],
            },
        };
        int? place = slot.IsChosen ? 2 : null;
        Dictionary<string, IReadOnlyList<string>> attributes = SlotEntry.Attributes(slot, place, Base)
            .Where(static one => one.Value.Count > 0).ToDictionary(StringComparer.OrdinalIgnoreCase);
        AsnReader add = Written(new AddOperation(Base, attributes), 8);
        Assert.Equal(Base, Text(add));
        LdapEntry entry = new(Base, AttributesIn(add.ReadSequence()));

        Assert.Equal(attributes, entry.Attributes);
        Assert.Equal(slot, SlotEntry.Read(entry, Base));
    });

    [Fact]
    public void Addresses_OfAnyText_AreThoseOfAHost() => Fuzz.Run(Target, Names, static bytes =>
    {
        // Mutants: a user or a path in the URL, a port that is none.
        if (LdapAddress.Parse(Encoding.UTF8.GetString(bytes)) is { } address)
        {
            Assert.InRange(address.Port, 1, 65535);
            Assert.NotEqual(UriHostNameType.Unknown, Uri.CheckHostName(address.Host));
            Assert.DoesNotContain(address.Host, static one => !char.IsAsciiLetterOrDigit(one) && !".-:".Contains(one));
        }
    });

    private static AsnReader Written(LdapOperation operation, int number)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        operation.Write(writer);
        var whole = new AsnReader(writer.Encode(), AsnEncodingRules.BER);
        AsnReader request = whole.ReadSequence(LdapOperation.Request(number));
        whole.ThrowIfNotEmpty();
        return request;
    }

    private static Dictionary<string, IReadOnlyList<string>> AttributesIn(AsnReader list)
    {
        var attributes = new Dictionary<string, IReadOnlyList<string>>(StringComparer.OrdinalIgnoreCase);
        while (list.HasData)
        {
            AsnReader attribute = list.ReadSequence();
            string name = Text(attribute);
            AsnReader set = attribute.ReadSetOf(skipSortOrderValidation: true);
            var values = new List<string>();
            while (set.HasData)
            {
                values.Add(Text(set));
            }

            attributes.Add(name, values);
        }

        return attributes;
    }

    private static string Text(AsnReader reader) => Encoding.UTF8.GetString(reader.ReadOctetString());
}
