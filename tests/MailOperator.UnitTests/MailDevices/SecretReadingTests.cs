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
        Assert.Equal("was not made by this operator", reading.ForeignOwner("uid-a"));
        Assert.Equal(
            (0, "", DateTimeOffset.UnixEpoch),
            (reading.Record.Epoch, reading.Record.Selector, reading.Record.IssuedAt));
        Assert.Empty(reading.Record.Retiring);
        Assert.False(reading.Matches(Snapshots.Desired.Secret, "v1:x"));
    }

    [Theory]
    [InlineData("""{"metadata":{},"data":null,"type":"Opaque","immutable":null}""", "Opaque", false)]
    [InlineData(
        """{"metadata":{"annotations":null,"labels":null,"ownerReferences":null},"data":{},"immutable":false}""", "",
        false)]
    [InlineData("""{"metadata":{},"data":{"password":null},"type":"t","immutable":true}""", "t", true)]
    public void Parse_OddButPossible_IsRead(string json, string type, bool isImmutable)
    {
        using DeviceSecretReading reading = Read(json);

        Assert.Equal((type, isImmutable), (reading.Type, reading.IsImmutable));
        Assert.True(reading.Payload.Bytes.IsEmpty);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("""{"data":{"password":"SGlkZGVu"}}""")]
    [InlineData("""{"metadata":{},"data":{"password":"SGlkZGVu!"}}""")]
    public void Parse_CannotBeRead_StillWipesTheBytesAndRepeatsNothing(string json)
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
    [InlineData("2147483647")] // the next one would overflow, after its slot was pushed, at every try
    [InlineData("one")]
    public void Record_EpochThatIsNone_IsZero(string epoch)
    {
        using DeviceSecretReading reading = Read(
            $$$$"""{"metadata":{"annotations":{"{{{{Annotations.Epoch}}}}":"{{{{epoch}}}}"}}}""");

        Assert.Equal(0, reading.Record.Epoch);
    }

    [Fact]
    public void ForeignOwner_SeveralOwners_OursAmongThemIsOurs()
    {
        using DeviceSecretReading reading = Read("""
            {"metadata":{"ownerReferences":[
              {"kind":"Deployment","name":"d","uid":"uid-d"},
              {"kind":"MailDevice","name":"grafana","uid":"uid-a"}
            ]}}
            """);

        Assert.Null(reading.ForeignOwner("uid-a"));
        Assert.Equal("belongs to Deployment 'd' (UID uid-d)", reading.ForeignOwner("uid-b"));
    }

    [Fact]
    public void ForeignOwner_SameNameAndAnotherUid_IsForeign()
    {
        // A device that was deleted and made anew under its name owns nothing of the one before.
        using DeviceSecretReading reading = Read("""
            {"metadata":{"name":"grafana","ownerReferences":[{"kind":"MailDevice","name":"grafana","uid":"uid-old"}]}}
            """);

        Assert.NotNull(reading.ForeignOwner("uid-a"));
    }

    [Fact]
    public void RemovedKeys_OnlyOursThatAreNoLongerWanted()
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
    public void RemovedMetadata_OnlyWhatTheSpecPutThere()
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
    public void RemovedMetadata_ListThatIsNone_IsNothing(string applied)
    {
        using DeviceSecretReading reading = ReadApplied(applied);

        Assert.Empty(reading.ObsoleteEntriesOf(Snapshots.Desired.Secret).Labels);
        Assert.Empty(reading.ObsoleteEntriesOf(Snapshots.Desired.Secret).Annotations);
    }

    [Fact]
    public void RemovedMetadata_ListThatWasForged_NeverHoldsWhatTheOperatorKeeps()
    {
        // The list is in the Secret, and whoever may write that could have the operator take away its own label.
        using DeviceSecretReading reading = ReadApplied(
            $"{Annotations.ManagedByLabel},x;{Annotations.Digest},{Annotations.Credential},y");

        Assert.Equal(["x"], reading.ObsoleteEntriesOf(Snapshots.Desired.Secret).Labels);
        Assert.Equal(["y"], reading.ObsoleteEntriesOf(Snapshots.Desired.Secret).Annotations);
    }

    [Fact]
    public void Dispose_WipesThePassword()
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
