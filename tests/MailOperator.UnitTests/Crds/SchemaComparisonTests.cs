using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Crds;

public sealed class SchemaComparisonTests
{
    [Theory]
    [InlineData(typeof(DeviceInvitation))]
    [InlineData(typeof(MailBackend))]
    [InlineData(typeof(MailDevice))]
    [InlineData(typeof(MailUser))]
    public void Kind_AndItsSchema_DescribeTheSameJson(Type type)
    {
        IReadOnlyList<string> differences =
            SchemaComparison.Differences(type, CustomResourceDefinition.OfKind(type.Name).Schema);

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    [Fact]
    public void Kinds_OfTheApiGroup_AreThoseOfTheCrds()
    {
        ResourceType[] types =
            [ApiGroup.DeviceInvitations, ApiGroup.MailBackends, ApiGroup.MailDevices, ApiGroup.MailUsers];

        Assert.Equal(
            types,
            CustomResourceDefinition.All.Select(
                crd => new ResourceType(crd.Group, crd.VersionName, crd.Plural, crd.Kind, crd.IsNamespaced)));
    }

    [Theory]
    [InlineData("{a: {type: string}, b: {type: integer, format: int32}, c: {type: string, enum: [In, Out]}}", "")]
    [InlineData("{a: {type: string}, c: {type: string, enum: [In, Out]}}", "b: Sample.B is not in the schema")]
    [InlineData(
        "{a: {type: string}, b: {type: integer, format: int32}, c: {type: string, enum: [In, Out]}, d: {type: string}}",
        "d: in the schema, but Sample has no such property")]
    [InlineData(
        "{a: {type: string}, b: {type: string}, c: {type: string, enum: [In, Out]}}",
        "b: Int32 in C# is integer (int32), the schema has string")]
    [InlineData(
        "{a: {type: string}, b: {type: integer, format: int32}, c: {type: string, enum: [In]}}",
        "c: C# has the values [In, Out], the schema has [In]")]
    [InlineData(
        "{a: {type: string, enum: [x]}, b: {type: integer, format: int32}, c: {type: string, enum: [In, Out]}}",
        "a: C# has the values [], the schema has [x]")]
    public void Differences_OfASchemaThatDiffersInOnePlace_NamesThePlace(string properties, string expected)
    {
        string difference = string.Join('\n', Compare(properties, required: "a"));

        Assert.Equal(expected, difference);
    }

    [Theory]
    [InlineData("", "a: optional in the schema, but Sample.A is never null")]
    [InlineData("a, b", "b: required by the schema, but Sample.B may be null")]
    public void Differences_OfASchemaThatRequiresOtherFields_NamesTheField(string required, string expected)
    {
        string difference = string.Join('\n', Compare(
            "{a: {type: string}, b: {type: integer, format: int32}, c: {type: string, enum: [In, Out]}}", required));

        Assert.Equal(expected, difference);
    }

    private static IReadOnlyList<string> Compare(string properties, string required)
    {
        JsonNode? schema = YamlJson.Parse($"{{type: object, required: [{required}], properties: {properties}}}");
        return SchemaComparison.Differences(typeof(Sample), new SchemaNode("", schema!.AsObject()));
    }

    private enum Direction
    {
        In,
        Out,
    }

    private sealed class Sample
    {
        public string A { get; set; } = "";

        public int? B { get; set; }

        public Direction? C { get; set; }
    }
}
