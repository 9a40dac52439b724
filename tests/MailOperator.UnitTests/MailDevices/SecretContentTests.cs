using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using CsCheck;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailServers;
using MailOperator.Passwords;

namespace MailOperator.UnitTests.MailDevices;

public sealed class SecretContentTests
{
    private static readonly ImmutableArray<ClientEndpoint> AllEndpoints =
    [
        new ClientEndpoint(MailProtocol.SMTP, "smtp.example.com", 587, ConnectionSecurity.STARTTLS),
        new ClientEndpoint(MailProtocol.IMAP, "imap.example.com", 993, ConnectionSecurity.TLS),
        new ClientEndpoint(MailProtocol.POP3, "pop.example.com", 110, ConnectionSecurity.None),
    ];

    [Fact]
    public void Settings_EveryEndpoint_AreTheseNamesAndValues() => Assert.Equal(
        new Dictionary<string, string>
        {
            ["type"] = "smtp",
            ["provider"] = "dovecot",
            ["host"] = "smtp.example.com",
            ["port"] = "587",
            ["username"] = "alerts@example.com",
            ["smtp-host"] = "smtp.example.com",
            ["smtp-port"] = "587",
            ["smtp-security"] = "STARTTLS",
            ["imap-host"] = "imap.example.com",
            ["imap-port"] = "993",
            ["imap-security"] = "TLS",
            ["pop3-host"] = "pop.example.com",
            ["pop3-port"] = "110",
            ["pop3-security"] = "None",
        },
        SecretText.Settings(Snapshots.Desired.Secret with { Endpoints = AllEndpoints }));

    [Fact]
    public void DataKeys_All_AreExactlyTheWrittenKeys() => Assert.Equal(
        // A written key that is not listed would never be removed. A listed key that is never written is a user's.
        SecretKeys.DataKeys.Order(StringComparer.Ordinal),
        SecretText.Settings(Snapshots.Desired.Secret with { Endpoints = AllEndpoints }).Keys
            .Append("password")
            .Append("uri")
            .Order(StringComparer.Ordinal));

    [Theory]
    [InlineData(nameof(MailProtocol.SMTP), nameof(ConnectionSecurity.TLS), "smtps://")]
    [InlineData(nameof(MailProtocol.SMTP), nameof(ConnectionSecurity.STARTTLS), "smtp://")]
    [InlineData(nameof(MailProtocol.SMTP), nameof(ConnectionSecurity.None), "smtp://")]
    [InlineData(nameof(MailProtocol.IMAP), nameof(ConnectionSecurity.TLS), "imaps://")]
    [InlineData(nameof(MailProtocol.IMAP), nameof(ConnectionSecurity.STARTTLS), "imap://")]
    [InlineData(nameof(MailProtocol.POP3), nameof(ConnectionSecurity.TLS), "pop3s://")]
    [InlineData(nameof(MailProtocol.POP3), nameof(ConnectionSecurity.None), "pop3://")]
    public void Uri_ProtocolAndSecurity_HaveTheirScheme(string protocol, string security, string start)
    {
        var endpoint = new ClientEndpoint(
            Enum.Parse<MailProtocol>(protocol), "h", 1, Enum.Parse<ConnectionSecurity>(security));

        Assert.StartsWith(
            start,
            Encoding.ASCII.GetString(SecretText.Uri(Snapshots.Desired.Secret with { Endpoints = [endpoint] }, "x"u8)));
    }

    [Fact]
    public void Uri_AnyPassword_IsReadBackByAUriParser() =>
        Gen.String[Gen.Char[" !\"#$%&'()*+,-./0:;<=>?@A[\\]^_`a{|}~"], 1, 20].Sample(static password =>
        {
            var uri = new Uri(
                Encoding.ASCII.GetString(SecretText.Uri(Snapshots.Desired.Secret, Encoding.ASCII.GetBytes(password))));
            string[] user = uri.UserInfo.Split(':');

            return user.Length == 2 && Uri.UnescapeDataString(user[1]) == password
                && Uri.UnescapeDataString(user[0]) == "alerts@example.com"
                && uri.Host == "mail.example.com" && uri.Port == 465;
        }, iter: 2000);

    [Fact]
    public void Uri_NonAsciiBytes_AreEscapedByteByByte() =>
        Assert.EndsWith(
            ":%C3%BC%00%FF@mail.example.com:465",
            Encoding.ASCII.GetString(SecretText.Uri(Snapshots.Desired.Secret, [0xC3, 0xBC, 0x00, 0xFF])));

    [Fact]
    public void Write_Metadata_HoldsTheRecordAndRemovesObsoleteEntries()
    {
        DesiredCredential desired = Snapshots.Desired with
        {
            Secret = Snapshots.Desired.Secret with
            {
                Labels = Snapshots.Desired.Secret.Labels.Add("team", "a"),
                Annotations = Snapshots.Desired.Secret.Annotations.Add("note", "b"),
            },
        };
        CredentialRecord record = Snapshots.Record with
        {
            Epoch = 3,
            HandledRotateAndRevoke = "leak",
            Origin = new PasswordOrigin.Chosen("v1:chosen"),
            Retiring = [new RetiringCredential("bbbbbb", Snapshots.Now)],
            ToBeRefused = [new SealedPassword("bbbbbb", Snapshots.Now, "00ff")],
        };

        JsonElement written = Write(json =>
            SecretContent.WriteMetadata(
                json, desired.Secret, record, ("v1:digest", "uid-a v1:proof"), ["old-label"], ["old-note"]));

        Assert.Equal(
            """{"app.kubernetes.io/managed-by":"mail-operator","team":"a","old-label":null}""",
            written.GetProperty("labels").GetRawText());
        Assert.Equal(
            """
            mailoperator.io/epoch=3
            mailoperator.io/credential=aaaaaa
            mailoperator.io/issued-at=2026-11-24T11:00:00Z
            mailoperator.io/retiring=bbbbbb=2026-11-24T12:00:00Z
            mailoperator.io/handled-rotate=one
            mailoperator.io/handled-rotate-and-revoke=leak
            mailoperator.io/to-be-refused=bbbbbb=2026-11-24T12:00:00Z=00ff
            mailoperator.io/password-source=v1:chosen
            mailoperator.io/digest=v1:digest
            mailoperator.io/identity=uid-a v1:proof
            mailoperator.io/applied-metadata=team;note
            note=b
            old-note=
            """,
            string.Join(
                '\n', written.GetProperty("annotations").EnumerateObject().Select(one => $"{one.Name}={one.Value}")));
    }

    [Fact]
    public void Write_Data_HoldsThePasswordOnlyInPasswordAndUri()
    {
        using var password = new AppPassword("aaaaaaHiddenHiddenHidden"u8.ToArray());

        JsonElement data = Write(json => SecretContent.WriteData(
            json, Snapshots.Desired.Secret, new SecretPayload.Password(password), ["pop3-host"])).GetProperty("data");

        Assert.Equal(JsonValueKind.Null, data.GetProperty("pop3-host").ValueKind);
        Assert.Equal(["password", "uri"], data.EnumerateObject()
            .Where(one => one.Value.ValueKind == JsonValueKind.String
                && Encoding.UTF8.GetString(one.Value.GetBytesFromBase64()).Contains("Hidden", StringComparison.Ordinal))
            .Select(one => one.Name));
    }

    [Fact]
    public void ParseRetiring_AnyList_ReturnsWhatWasWritten() =>
        Gen.Select(
            Gen.String[Gen.Char["abc019"], 6, 6], Gen.Int[0, 2_000_000_000],
            (id, second) => new RetiringCredential(id, DateTimeOffset.FromUnixTimeSeconds(second)))
        .Array[0, 8].Sample(static retiring =>
            CredentialAnnotations.ParseRetiring(CredentialAnnotations.RetiringText([.. retiring]))
                .AsSpan()
                .SequenceEqual(retiring));

    [Theory]
    [InlineData(null, 0)]
    [InlineData("", 0)]
    [InlineData(",,,", 0)]
    [InlineData("aaaaaa", 0)]
    [InlineData("aaaaaa=", 0)]
    [InlineData("=2026-11-24T12:00:00Z", 0)]
    [InlineData("aaaaaa=tomorrow", 0)]
    [InlineData("x,aaaaaa=2026-11-24T12:00:00Z,=", 1)] // the valid entry is read
    public void ParseRetiring_InvalidText_DoesNotThrow(string? text, int count) =>
        Assert.Equal(count, CredentialAnnotations.ParseRetiring(text).Length);

    private static JsonElement Write(Action<Utf8JsonWriter> write) => JsonDocument.Parse(ApiJson.Write(json =>
    {
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
    })).RootElement;
}
