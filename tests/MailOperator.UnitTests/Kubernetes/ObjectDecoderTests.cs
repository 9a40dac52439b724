using System.Text.Json;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>What is left of an object of which one field does not fit: everything else.</summary>
public sealed class ObjectDecoderTests
{
    [Theory]
    [InlineData("spec.rotation", "\"90d\"", "spec.rotation cannot hold this text")]
    [InlineData("spec.rotation.interval", "90", "spec.rotation.interval cannot hold this number")]
    [InlineData("spec.rotation.window", """{"cron":null}""", "spec.rotation.window.cron cannot hold null")]
    [InlineData("spec.protocols", """["IMAP","GOPHER"]""", "spec.protocols cannot hold this list")]
    [InlineData("spec.secret", """{"labels":{"a.b/c":{}}}""", "spec.secret.labels.a.b/c cannot hold this object")]
    [InlineData("spec.expiry.at", "true", "spec.expiry.at cannot hold true or false")]
    [InlineData("spec.mailbox", "[]", "spec.mailbox cannot hold this list")]
    [InlineData("status", "7", "status cannot hold this number")]
    [InlineData("status.credentials", """[{"id":"abc"}]""", "status.credentials cannot hold this list")]
    [InlineData("status.lastUse", """{"address":"::1"}""", "status.lastUse cannot hold this object")]
    public void Decode_OneFieldDoesNotFit_KeepsTheSuspensionAndNamesTheField(string field, string value, string error)
    {
        // Mutant: give up the whole object. A device with a typing error could then not be suspended.
        MailDevice device = Decode(Set(field, JsonNode.Parse(value)));

        Assert.True(device.Spec.Suspended);
        Assert.Equal(error, device.DecodeError);
        Assert.False(device.IsReadable(error[..error.IndexOf(' ', StringComparison.Ordinal)]));
        Assert.True(device.IsReadable("spec.suspended"));
    }

    [Fact]
    public void Decode_AMemberTwiceInAnObjectThatDoesNotFit_CountsTheLast()
    {
        // Mutant: makes a JsonObject of it, which throws at the second one.
        MailDevice device = ObjectDecoder.Decode<MailDevice>(JsonElement.Parse(
            """{"spec":{"mailbox":"a@b","mailbox":"c@d","protocols":7,"suspended":false,"suspended":true}}"""));

        Assert.Equal(("c@d", "spec.protocols cannot hold this number"), (device.Spec.Mailbox, device.DecodeError));
        Assert.True(device.Spec.Suspended);
    }

    [Theory]
    [InlineData("""{"spec":{"\ud800":[null]}}""")]
    [InlineData("null")]
    public void Decode_HalfASurrogatePairInANameOrNull_IsUnreadableAsAWhole(string json)
    {
        // Mutant: lets the exception end the watch of all objects.
        MailDevice device = ObjectDecoder.Decode<MailDevice>(JsonElement.Parse(json));

        Assert.Equal("the object cannot be read", device.DecodeError);
        Assert.False(device.IsReadable("spec.suspended"));
    }

    [Fact]
    public void Metadata_CannotBeRead_IsSaidInWords()
    {
        // Mutant: the serializer's message ("… Path: $.labels | LineNumber: 0 | BytePositionInLine: 12").
        Assert.Null(ObjectDecoder.Metadata(
            JsonElement.Parse("""{"metadata":{"name":"a","labels":7}}"""), hasLabels: true, out string? problem));

        Assert.Equal("its metadata cannot be read", problem);
    }

    [Fact]
    public void Decode_SeveralFieldsDoNotFit_NamesAll()
    {
        JsonObject value = Set("spec.rotation", JsonValue.Create(1));
        value["spec"]!["allowedNetworks"] = "10.0.0.0/8";

        MailDevice device = Decode(value);

        Assert.Equal(["spec.allowedNetworks", "spec.rotation"], device.Unreadable.Order());
        Assert.True(device.Spec.Suspended);
    }

    [Fact]
    public void Decode_ListWithOneBadEntry_IsLeftOutAsAWhole()
    {
        // Mutant: leave out the entry alone. Half of a selector may select more namespaces.
        JsonNode grants = JsonNode.Parse(
            """[{"mailboxes":["*@a.example"],"namespaces":{"selector":{"matchLabels":{"team":1}}}}]""")!;
        MailBackend backend = ObjectDecoder.Decode<MailBackend>(JsonSerializer.SerializeToElement(new JsonObject
        {
            ["spec"] = new JsonObject { ["passwdFile"] = new JsonObject { ["path"] = "/a" }, ["grants"] = grants },
        }));

        Assert.Equal(["spec.grants"], backend.Unreadable);
        Assert.Equal((null, "/a"), (backend.Spec.Grants, backend.Spec.PasswdFile!.Path));
    }

    [Theory]
    [InlineData("spec.rotation.window", "spec.rotation", false)]
    [InlineData("spec.rotation.window", "spec.rotation.window", false)]
    [InlineData("spec.rotation.window", "spec.rotation.window.cron", false)]
    [InlineData("spec.rotation.window", "spec.rotation.interval", true)]
    [InlineData("spec.rotation", "spec.rotationTime", true)] // Mutant: compare the beginnings of the texts
    [InlineData("spec.rotationTime", "spec.rotation", true)]
    public void IsReadable_FieldAndWhatWasLost_Overlap(string lost, string field, bool isReadable) =>
        Assert.Equal(isReadable, new MailDevice { Unreadable = [lost] }.IsReadable(field));

    [Fact]
    public void Decode_EverythingFits_HasNoError()
    {
        MailDevice device = Decode(Set("spec.protocols", new JsonArray("IMAP")));

        Assert.Null(device.DecodeError);
        Assert.Empty(device.Unreadable);
    }

    private static MailDevice Decode(JsonObject value) =>
        ObjectDecoder.Decode<MailDevice>(JsonSerializer.SerializeToElement(value));

    private static JsonObject Set(string field, JsonNode? value)
    {
        var root = new JsonObject
        {
            ["apiVersion"] = "mailoperator.io/v1alpha1",
            ["metadata"] = new JsonObject { ["name"] = "grafana" },
            ["spec"] = new JsonObject { ["mailbox"] = "alerts@example.com", ["suspended"] = true },
        };
        JsonObject at = root;
        string[] names = field.Split('.');
        foreach (string name in names[..^1])
        {
            at[name] ??= new JsonObject();
            at = at[name]!.AsObject();
        }

        at[names[^1]] = value;
        return root;
    }
}
