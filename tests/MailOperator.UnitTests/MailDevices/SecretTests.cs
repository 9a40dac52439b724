using System.Text;
using MailOperator.Api;
using MailOperator.Integrity;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailServers;
using MailOperator.Passwords;

namespace MailOperator.UnitTests.MailDevices;

public sealed class SecretTests
{
    private static readonly CredentialDigest Digest = new([.. Enumerable.Range(0, 32).Select(number => (byte)number)]);

    [Fact]
    public void Digest_AnyFieldOfTheRecord_ChangesIt()
    {
        CredentialRecord record = Snapshots.Record with
        {
            Retiring = [new RetiringCredential("bbbbbb", Snapshots.Now)],
        };
        string[] digests =
        [
            Of(record),
            Of(record with { Epoch = 2 }),
            Of(record with { Selector = "cccccc" }),
            Of(record with { IssuedAt = Snapshots.Now }),
            Of(record with { HandledRotation = "two" }),
            Of(record with { HandledRotateAndRevoke = "two" }),
            Of(record with { Retiring = [] }),
            Of(record with { IsRestartOwed = true }),
            Of(record with { Retiring = [new RetiringCredential("bbbbbb", Snapshots.Now.AddYears(1))] }),
            Digest.Compute("uid-b", record, "password"u8),
            Digest.Compute("uid-a", record, "passwore"u8),
            new CredentialDigest(new byte[32]).Compute("uid-a", record, "password"u8),
        ];

        Assert.Equal(digests.Length, digests.Distinct().Count());
        Assert.Equal(digests[0], Of(record));

        static string Of(CredentialRecord record) => Digest.Compute("uid-a", record, "password"u8);
    }

    [Fact]
    public void Uri_SpecialCharacters_AreEscaped()
    {
        DesiredCredential desired = Snapshots.Desired with
        {
            Secret = Snapshots.Desired.Secret with
            {
                Username = "a+b@example.com",
                Endpoints = [new ClientEndpoint(MailProtocol.IMAP, "2001:db8::1", 993, ConnectionSecurity.TLS)],
            },
        };

        Assert.Equal(
            "imaps://a%2Bb%40example.com:x%2F%40%25~-@[2001:db8::1]:993",
            Encoding.ASCII.GetString(SecretText.Uri(desired.Secret, "x/@%~-"u8)));
    }

    [Fact]
    public void Read_WrittenSecret_MatchesUntilEdited()
    {
        Assert.True(Matches(static json => json));
        Assert.False(Matches(static json => json.Replace(Base64("465"), Base64("25"), StringComparison.Ordinal)));
        Assert.False(Matches(static json => json.Replace("\"smtp-host\"", "\"smtp-other\"", StringComparison.Ordinal)));
        Assert.False(Matches(static json =>
            json.Replace("managed-by\":\"mail-operator", "managed-by\":\"me", StringComparison.Ordinal)));
        Assert.False(Matches(static json =>
            json.Replace("\"epoch\":\"1\"", "\"epoch\":\"2\"", StringComparison.Ordinal)
                .Replace("io/epoch\":\"1", "io/epoch\":\"2", StringComparison.Ordinal)));
        // A user's key is left alone.
        Assert.True(Matches(
            static json => json.Replace("\"data\":{", "\"data\":{\"extra\":\"eA==\",", StringComparison.Ordinal)));
    }

    [Fact]
    public void Read_Bytes_AreWiped()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Written());

        using DeviceSecretReading reading = DeviceSecretReading.Parse(bytes);

        Assert.All(bytes, one => Assert.Equal(0, one));
        Assert.Equal("aaaaaaSecretSecretSecret", Encoding.ASCII.GetString(reading.Payload.Bytes));
    }

    [Fact]
    public void Read_Record_IsWhatWasWritten()
    {
        using DeviceSecretReading reading = DeviceSecretReading.Parse(Encoding.UTF8.GetBytes(Written()));

        Assert.Equal(
            Snapshots.Record with { Retiring = [], ToBeRefused = [] },
            reading.Record with { Retiring = [], ToBeRefused = [] });
        Assert.Equal(Record().Retiring.AsEnumerable(), reading.Record.Retiring.AsEnumerable());
    }

    [Theory]
    [InlineData("uid-a", true, "belongs to MailDevice 'grafana' (UID uid-a)")]
    [InlineData("uid-b", false, "belongs to MailDevice 'grafana' (UID uid-b)")]
    public void Owner_OwnerReference_IsJudgedByUid(string owner, bool isOwned, string expected)
    {
        using DeviceSecretReading reading = DeviceSecretReading.Parse(Encoding.UTF8.GetBytes(Written(owner)));

        Assert.Equal(isOwned, reading.IsOwnedBy("uid-a"));
        Assert.Equal(expected, reading.Owner);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense,=,a=b,=2026-11-24T12:00:00Z;")]
    public void ParseRetiring_InvalidText_IsEmpty(string text) =>
        Assert.DoesNotContain(CredentialAnnotations.ParseRetiring(text), retiring => retiring.Selector.Length > 0);

    private static CredentialRecord Record() =>
        Snapshots.Record with { Retiring = [new RetiringCredential("bbbbbb", Snapshots.Now)] };

    private static bool Matches(Func<string, string> edit)
    {
        using DeviceSecretReading reading = DeviceSecretReading.Parse(Encoding.UTF8.GetBytes(edit(Written())));
        return reading.Matches(
            Snapshots.Desired.Secret,
            Digest.Compute("uid-a", reading.Record, reading.Payload.Bytes),
            Snapshots.Identity);
    }

    private static string Written(string owner = "uid-a")
    {
        using var password = new AppPassword("aaaaaaSecretSecretSecret"u8.ToArray());
        return Encoding.UTF8.GetString(ApiJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("metadata");
            json.WriteString("name", "grafana");
            json.WriteStartArray("ownerReferences");
            json.WriteStartObject();
            json.WriteString("kind", "MailDevice");
            json.WriteString("name", "grafana");
            json.WriteString("uid", owner);
            json.WriteEndObject();
            json.WriteEndArray();
            SecretContent.WriteMetadata(
                json,
                Snapshots.Desired.Secret,
                Record(),
                (Digest.Compute("uid-a", Record(), password.Bytes), Snapshots.Identity),
                [],
                []);
            json.WriteEndObject();
            SecretContent.WriteData(json, Snapshots.Desired.Secret, new SecretPayload.Password(password), []);
            json.WriteEndObject();
        }));
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
