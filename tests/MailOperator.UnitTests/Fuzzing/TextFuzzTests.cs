using System.Collections.Immutable;
using System.Net;
using System.Text;
using CsCheck;
using MailOperator.Api;
using MailOperator.Backends.Infomaniak;
using MailOperator.Backends.PasswdFile;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.Integrity;
using MailOperator.Kubernetes;
using MailOperator.Languages;
using MailOperator.MailDevices.Secrets;
using MailOperator.Portal.Claims;
using MailOperator.Portal.MailApps;

namespace MailOperator.UnitTests.Fuzzing;

/// <summary>
/// Small texts of tenants, browsers and logs: what is accepted is harmless, and what is not is only refused.
/// </summary>
[Trait(Fuzz.Trait, Fuzz.Kind)]
public sealed class TextFuzzTests
{
    private const string Target = "texts";

    private static readonly Gen<byte[]> Texts = ByteEdits.Of(
        Fuzz.Corpus(Target),
        "@", ".", "-", "_", "=", "~", "+", "/", ":", ",", ";", " ", "\n", "\r", "\t", "%", "[", "]", "<", ">", "é",
        "😀",
        "\u202e", "\u200d", "ı", "K", "10.0.0.0", "/8", "/33", "::", "::ffff:", "fe80::1%eth0", "010", "1d", "h",
        "m", "s",
        "999999999", "aaaaaa", "=2026-11-01T00:00:00Z", "=0000", "00", "ff", "de", "de-CH;q=0.5", "*;q=0", "q=",
        "rip=",
        "imap-login: Login: user=<a>, method=PLAIN, rip=10.0.0.7, device=<shop/a>", "device=<", "www.", "://",
        "[mailoperator cluster/uid:aaaaaa]", " retained]", "<a>", "&x;", "<!DOCTYPE a [<!ENTITY x 'y'>]>",
        "example.com");

    [Fact]
    public void Specs_OfAnyText_AreWhatTheySay() => Fuzz.Run(Target, Texts, static bytes =>
    {
        // Mutants: a mailbox with a mark of a store, a network with more than an address, a duration that overflows.
        string text = Encoding.UTF8.GetString(bytes);
        if (MailboxAddress.IsValid(text))
        {
            Assert.Equal(1, text.Count(static one => one == '@'));
            Assert.DoesNotContain(text, static one => one is <= ' ' or > '~'
                || "/:\"'`,;<>()[]{}*?\\%$|&!".Contains(one));
            Assert.Equal(text.ToUpperInvariant(), MailboxAddress.Normalize(text).ToUpperInvariant());
            Assert.Equal(MailboxAddress.Normalize(text), MailboxAddress.Normalize(MailboxAddress.Username(text)));
        }

        if (Network.TryParse(text, out IPNetwork network))
        {
            Assert.All(text, static one => Assert.True(char.IsAsciiHexDigit(one) || ".:/".Contains(one)));
            Assert.True(Network.TryParse(network.ToString(), out IPNetwork again) && again.Equals(network));
            ImmutableArray<string> both = Network.Intersect([text], ["10.0.0.0/8", "2001:db8::/32"]);
            Assert.All(both, static one => Assert.True(Network.TryParse(one, out _)));
        }

        if (Durations.Parse(text) is { } duration)
        {
            Assert.InRange(duration, TimeSpan.Zero, TimeSpan.FromDays(36_500));
            Assert.Equal(duration, Durations.Parse(Durations.Format(duration)));
        }

        string name = MailName.Harmless(text);
        Assert.InRange(name.Length, 0, MailName.MaxLength);
        Assert.DoesNotContain(name, static one => char.IsControl(one) || one == '@');
        Assert.Equal(name, MailName.Harmless(name));
    });

    [Fact]
    public void Requests_OfAnyText_AreRefusedOrRead() => Fuzz.Run(Target, Texts, static bytes =>
    {
        // Mutants: two spellings of one token, a cookie that throws, an entity in XML, a header that is no list.
        string text = Encoding.UTF8.GetString(bytes);
        if (LinkToken.TryParse(text, out LinkToken? token))
        {
            Assert.Equal(LinkToken.Length, text.Length);
            Assert.All(text, static one => Assert.True(char.IsAsciiLetterOrDigit(one) || "-_".Contains(one)));
        }

        Assert.True(LinkToken.TryParse(new string('A', LinkToken.Length), out token));
        Assert.Null(ClaimSeal.Open(token, text)); // nobody has sealed it
        Assert.Null(new PasswordSeal(new byte[32]).Open("uid", "aaaaaa", text));
        Assert.NotNull(LanguageChoice.FromHeader(text));
        Assert.True(Autodiscover.AddressIn(text) is not { } address || text.Contains('<') || address.Length == 0);
    });

    [Fact]
    public void Notes_OfAnyText_AreReadAsTheyWouldBeWritten() => Fuzz.Run(Target, Texts, static bytes =>
    {
        // Mutants: a part that is no credential throws, a log line of a stranger counts, a label's earlier mark counts.
        string text = Encoding.UTF8.GetString(bytes);
        ImmutableArray<RetiringCredential> retiring = CredentialAnnotations.ParseRetiring(text);
        Assert.Equal(
            retiring.Select(static one => one with { At = Rfc3339.WholeSeconds(one.At) }),
            CredentialAnnotations.ParseRetiring(CredentialAnnotations.RetiringText(retiring)));
        ImmutableArray<SealedPassword> refused = CredentialAnnotations.ParseToBeRefused(text);
        Assert.Equal(
            refused.Length,
            CredentialAnnotations.ParseToBeRefused(CredentialAnnotations.ToBeRefusedText(refused)).Length);

        if (LoginLine.Parse(text) is { } login)
        {
            Assert.Matches(@"\A[a-z0-9.-]+/[a-z0-9.-]+\z", login.Device);
            Assert.Contains("-login: ", text[..text.IndexOf('<')]);
        }

        if (DeviceLabel.Parse(text) is { } label)
        {
            Assert.EndsWith($":{label.Selector}{(label.IsRetained ? " retained" : "")}]", text);
            string written = label.ToString();
            Assert.InRange(written.Length, 1, DeviceLabel.MaxLength);
            DeviceLabel again = DeviceLabel.Parse(written)!;
            Assert.Equal(label with { Name = "" }, again with { Name = "" });
        }
    });
}
