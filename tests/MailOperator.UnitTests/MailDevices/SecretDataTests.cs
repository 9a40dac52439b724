using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Integrity;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.Passwords;
using MailOperator.SecretTemplates;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>The keys of spec.secret.data in the Secret: written, compared and removed.</summary>
public sealed class SecretDataTests
{
    private static readonly CredentialDigest Digest = new([.. Enumerable.Range(0, 32).Select(one => (byte)one)]);

    private static readonly DesiredCredential Desired = Snapshots.Desired with
    {
        Secret = Snapshots.Desired.Secret with
        {
            Data = Data("ADDR", "{{ host }}:{{ port }}").AddRange(
                Data("DSN", "{{ uri }}?password={{ password | url_encode }}")),
        },
    };

    [Fact]
    public void Write_Templates_AreRenderedBesideTheOtherKeys()
    {
        JsonObject secret = Written(Desired);

        Assert.Equal("mail.example.com:465", Text(secret, "ADDR"));
        Assert.Equal(Text(secret, "uri") + "?password=aaaaaaSecretSecretSecret", Text(secret, "DSN"));
        Assert.Equal("aaaaaaSecretSecretSecret", Text(secret, "password"));
    }

    [Fact]
    public void Matches_WrittenSecret_UntilSomethingDiffers()
    {
        Assert.True(Matches(Written(Desired), Desired));
        Assert.False(Matches(Written(Desired), Desired with
        {
            Secret = Desired.Secret with { Data = Desired.Secret.Data.SetItems(Data("ADDR", "{{ host }}")) },
        }));
        Assert.False(Matches(
            Written(Desired),
            Desired with { Secret = Desired.Secret with { Data = Desired.Secret.Data.Remove("ADDR") } }));
        Assert.False(Matches(Written(Snapshots.Desired), Desired));

        JsonObject edited = Written(Desired);
        edited["data"]!["ADDR"] = "ZXZpbA==";
        Assert.False(Matches(edited, Desired));
    }

    [Fact]
    public void ObsoleteKeys_TemplateRemoved_AreItsOwn()
    {
        // Mutant: every key that is not desired. Keys that a tenant added would be removed.
        JsonObject secret = Written(Desired);
        secret["data"]!["theirs"] = "eA==";

        Assert.Equal(["ADDR"], Obsolete(
            secret, Desired with { Secret = Desired.Secret with { Data = Desired.Secret.Data.Remove("ADDR") } }));
        Assert.Equal(["ADDR", "DSN"], Obsolete(secret, Snapshots.Desired).Order(StringComparer.Ordinal));
        Assert.Empty(Obsolete(secret, Desired));
    }

    [Theory]
    [InlineData(";;password,uri,host")] // forged: the operator's own keys stay
    [InlineData(";;,,")]
    [InlineData(";;a;b")]
    [InlineData("nonsense")]
    public void ObsoleteKeys_ForgedList_NamesNoneOfTheOperators(string list)
    {
        JsonObject secret = Written(Snapshots.Desired);
        secret["metadata"]!["annotations"]![Annotations.AppliedMetadata] = list;

        Assert.Empty(Obsolete(secret, Snapshots.Desired));
    }

    [Fact]
    public void Applied_NoData_HasTheFormOfEarlierVersions()
    {
        // Mutant: always three parts. An upgrade would rewrite every Secret.
        Assert.Equal(";", SecretContent.Applied(Snapshots.Desired.Secret));
        Assert.Equal(";;ADDR,DSN", SecretContent.Applied(Desired.Secret));
    }

    [Fact]
    public void TemplateVariables_All_AreTheKeysInLiquidSyntax() => Assert.Equal(
        [
            "type", "provider", "host", "port", "username", "password", "uri", "imap_host", "imap_port",
            "imap_security", "pop3_host", "pop3_port", "pop3_security", "smtp_host", "smtp_port", "smtp_security",],
        SecretKeys.TemplateVariables.AsEnumerable());

    internal static ImmutableSortedDictionary<string, SecretTemplate> Data(string key, string template) =>
        SecretDataResolver.Templates(new() { [key] = template });

    private static bool Matches(JsonObject secret, DesiredCredential desired)
    {
        using DeviceSecretReading reading = Read(secret);
        return reading.Matches(
            desired.Secret, Digest.Compute("uid-a", reading.Record, reading.Payload.Bytes), Snapshots.Identity);
    }

    private static string[] Obsolete(JsonObject secret, DesiredCredential desired)
    {
        using DeviceSecretReading reading = Read(secret);
        return [.. reading.ObsoleteEntriesOf(desired.Secret).Keys];
    }

    private static DeviceSecretReading Read(JsonObject secret) =>
        DeviceSecretReading.Parse(Encoding.UTF8.GetBytes(secret.ToJsonString()));

    private static string Text(JsonObject secret, string key) =>
        Encoding.UTF8.GetString(Convert.FromBase64String((string)secret["data"]![key]!));

    private static JsonObject Written(DesiredCredential desired)
    {
        using var password = new AppPassword("aaaaaaSecretSecretSecret"u8.ToArray());
        return JsonNode.Parse(ApiJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("metadata");
            json.WriteString("name", "grafana");
            SecretContent.WriteMetadata(
                json,
                desired.Secret,
                Snapshots.Record,
                (Digest.Compute("uid-a", Snapshots.Record, password.Bytes), Snapshots.Identity),
                [],
                []);
            json.WriteEndObject();
            SecretContent.WriteData(json, desired.Secret, new SecretPayload.Password(password), []);
            json.WriteEndObject();
        }))!.AsObject();
    }
}
