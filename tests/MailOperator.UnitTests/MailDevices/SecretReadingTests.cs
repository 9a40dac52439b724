using System.Text;
using MailOperator.Api;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;

namespace MailOperator.UnitTests.MailDevices;

public sealed class SecretReadingTests
{
    [Fact]
    public void Parse_BareSecret_IsEmptyAndNotOurs()
    {
        using DeviceSecretReading reading = Read("""{"metadata":{"name":"x"}}""");

        Assert.Equal(
            ("", false, "", 0), (reading.Type, reading.IsImmutable, reading.Digest, reading.Payload.Bytes.Length));
        Assert.Null(reading.Owner);
        Assert.False(reading.IsOwnedBy("uid-a"));
        Assert.Equal(
            (0, "", DateTimeOffset.UnixEpoch),
            (reading.Record.Epoch, reading.Record.Selector, reading.Record.IssuedAt));
        Assert.Empty(reading.Record.Retiring);
        Assert.False(reading.Matches(Snapshots.Desired.Secret, "v1:x", Snapshots.Identity));
    }

    [Theory]
    [InlineData("""{"metadata":{},"data":null,"type":"Opaque","immutable":null}""", "Opaque", false)]
    [InlineData(
        """{"metadata":{"annotations":null,"labels":null,"ownerReferences":null},"data":{},"immutable":false}""", "",
        false)]
    [InlineData("""{"metadata":{},"data":{"password":null},"type":"t","immutable":true}""", "t", true)]
    public void Parse_UnusualButValid_IsRead(string json, string type, bool isImmutable)
    {
        using DeviceSecretReading reading = Read(json);

        Assert.Equal((type, isImmutable), (reading.Type, reading.IsImmutable));
        Assert.True(reading.Payload.Bytes.IsEmpty);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("""{"data":{"password":"SGlkZGVu"}}""")]
    [InlineData("""{"metadata":{},"data":{"password":"SGlkZGVu!"}}""")]
    public void Parse_Invalid_WipesTheBytesAndQuotesNothing(string json)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(json);

        Exception failure = Assert.ThrowsAny<Exception>(() => DeviceSecretReading.Parse(bytes));

        Assert.All(bytes, one => Assert.Equal(0, one));
        Assert.DoesNotContain("SGlkZGVu", failure.ToString());
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData(" 1")]
    [InlineData("99999999999")]
    [InlineData("2147483647")] // the next epoch would overflow on every attempt, after its slot was pushed
    [InlineData("one")]
    public void Record_InvalidEpoch_IsZero(string epoch)
    {
        using DeviceSecretReading reading = Read(
            $$$$"""{"metadata":{"annotations":{"{{{{Annotations.Epoch}}}}":"{{{{epoch}}}}"}}}""");

        Assert.Equal(0, reading.Record.Epoch);
    }

    [Fact]
    public void IsOwnedBy_SeveralOwnersWithOurs_IsTrue()
    {
        using DeviceSecretReading reading = Read("""
            {"metadata":{"ownerReferences":[
              {"kind":"Deployment","name":"d","uid":"uid-d"},
              {"kind":"MailDevice","name":"grafana","uid":"uid-a"}
            ]}}
            """);

        Assert.True(reading.IsOwnedBy("uid-a"));
        Assert.False(reading.IsOwnedBy("uid-b"));
        Assert.False(reading.HasNoOwnerBut("grafana", "uid-a"));
        Assert.Equal("belongs to Deployment 'd' (UID uid-d)", reading.Owner);
    }

    [Fact]
    public void IsOwnedBy_SameNameAndAnotherUid_IsFalse()
    {
        // A device that was deleted and recreated does not own the Secret of the earlier one.
        using DeviceSecretReading reading = Read("""
            {"metadata":{"name":"grafana","ownerReferences":[{"kind":"MailDevice","name":"grafana","uid":"uid-old"}]}}
            """);

        Assert.False(reading.IsOwnedBy("uid-a"));
        Assert.False(reading.HasNoOwnerBut("grafana", "uid-a"));
        Assert.True(reading.HasNoOwnerBut("grafana", "uid-old"));
    }

    [Fact]
    public void ObsoleteKeys_OldData_AreOursThatAreNoLongerDesired()
    {
        using DeviceSecretReading reading = Read("""
            {"metadata":{},"data":{
              "password":"eA==","uri":"eA==","username":"eA==",
              "pop3-host":"eA==","imap-port":"eA==","smtp-host":"eA==","theirs":"eA=="
            }}
            """);

        Assert.Equal(
            ["imap-port", "pop3-host"],
            reading.ObsoleteEntriesOf(Snapshots.Desired.Secret).Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ObsoleteMetadata_AppliedList_IsOnlyWhatTheSpecSet()
    {
        using DeviceSecretReading reading = ReadApplied("kept,gone;note,old");
        DesiredCredential desired = Snapshots.Desired with
        {
            Secret = Snapshots.Desired.Secret with
            {
                Labels = Snapshots.Desired.Secret.Labels.Add("kept", "1"),
                Annotations = Snapshots.Desired.Secret.Annotations.Add("note", "1"),
            },
        };

        Assert.Equal(["gone"], reading.ObsoleteEntriesOf(desired.Secret).Labels);
        Assert.Equal(["old"], reading.ObsoleteEntriesOf(desired.Secret).Annotations);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a,b")]
    [InlineData("a;b;c;d")]
    [InlineData(";")]
    [InlineData(",;,")]
    public void ObsoleteMetadata_InvalidList_IsEmpty(string applied)
    {
        using DeviceSecretReading reading = ReadApplied(applied);

        Assert.Empty(reading.ObsoleteEntriesOf(Snapshots.Desired.Secret).Labels);
        Assert.Empty(reading.ObsoleteEntriesOf(Snapshots.Desired.Secret).Annotations);
    }

    [Fact]
    public void ObsoleteMetadata_ForgedList_NeverNamesTheOperatorsEntries()
    {
        // The list is in the Secret. Whoever may write it could make the operator remove its own label.
        using DeviceSecretReading reading = ReadApplied(
            $"{Annotations.ManagedByLabel},x;{Annotations.Digest},{Annotations.Credential},y");

        Assert.Equal(["x"], reading.ObsoleteEntriesOf(Snapshots.Desired.Secret).Labels);
        Assert.Equal(["y"], reading.ObsoleteEntriesOf(Snapshots.Desired.Secret).Annotations);
    }

    [Fact]
    public void Dispose_Reading_WipesThePassword()
    {
        DeviceSecretReading reading = Read("""{"metadata":{},"data":{"password":"SGlkZGVu","uri":"SGlkZGVu"}}""");
        Assert.Equal("Hidden", Encoding.ASCII.GetString(reading.Payload.Bytes));

        reading.Dispose();

        Assert.All(reading.Payload.Bytes.ToArray(), one => Assert.Equal(0, one));
    }

    private static DeviceSecretReading ReadApplied(string applied) =>
        Read($$$$"""{"metadata":{"annotations":{"{{{{Annotations.AppliedMetadata}}}}":"{{{{applied}}}}"}}}""");

    private static DeviceSecretReading Read(string json) => DeviceSecretReading.Parse(Encoding.UTF8.GetBytes(json));
}
