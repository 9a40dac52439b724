using System.Formats.Asn1;
using CsCheck;
using MailOperator.Backends;
using MailOperator.Backends.Ldap;
using MailOperator.Backends.Ldap.Protocol;

namespace MailOperator.UnitTests.Fuzzing;

/// <summary>Bytes that a directory sends: a message of LDAP, or an exception that the connection knows.</summary>
[Trait(Fuzz.Trait, Fuzz.Kind)]
public sealed class LdapAnswerFuzzTests
{
    private const string Target = "ldap-answers";

    private static readonly LdapAddress Address = new("ldap", 389, IsEncrypted: false);

    private static readonly Gen<byte[]> Answers = ByteEdits.Of(
        Fuzz.Corpus(Target),
        "0\u0003\u0002\u0001\u0001", "\u0002\u0001\u0001", "\u0004\u0001a", "\n\u0001\0", "d\u0002", "e", "s", "x",
        "1\0",
        "mailOperatorSelector", "mailOperatorPlace", "TRUE", "20261101000000Z", "cn=a,dc=b");

    [Fact]
    public void Messages_OfAnyBytes_AreReadOrNotLdap() => Fuzz.Run(Target, Answers, static bytes =>
    {
        // Mutants: a tag or a length that only another exception refuses, an entry without an attribute that is read.
        LdapAnswer answer;
        try
        {
            answer = LdapAnswer.Read(bytes);
        }
        catch (AsnContentException)
        {
            return; // "Its answer is not LDAP."
        }

        if (answer.Entry is { } entry)
        {
            try
            {
                Slot slot = SlotEntry.Read(entry, "cn=policy");
                Assert.Equal(entry.Value(SlotEntry.Selector), slot.Selector);
            }
            catch (MailBackendException e)
            {
                MachineWords.AssertNoneIn(e.Message, entry.Dn);
            }
        }

        if (answer.IsLast)
        {
            MailBackendException failure = LdapFailures.Of(
                new LdapException(answer.Code, "cn=a", answer.Diagnostics), Address, "$2y$04$fuzzedhash");
            Assert.InRange(failure.Message.Length, 1, 600);
            Assert.DoesNotContain(failure.Message, char.IsControl);
            Assert.DoesNotContain("fuzzedhash", failure.Message, StringComparison.OrdinalIgnoreCase);
        }
    });
}
