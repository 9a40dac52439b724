using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Backends.Webhook;
using MailOperator.Tests;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;

namespace MailOperator.UnitTests.Backends.Webhook;

/// <summary>The published contract matches what the driver does.</summary>
public sealed class WebhookContractTests
{
    private static readonly string File = Repository.Path("operator", "Backends", "Webhook", "openapi-v1.yaml");

    [Fact]
    public async Task Description_IsOpenApiWithoutAComplaint()
    {
        var settings = new OpenApiReaderSettings();
        settings.AddYamlReader();

        ReadResult read = await OpenApiDocument.LoadAsync(File, settings, TestContext.Current.CancellationToken);

        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic!.SpecificationVersion);
        Assert.Empty(read.Diagnostic.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        Assert.Equal(3, read.Document!.Paths.Count);
    }

    [Fact]
    public void Capabilities_AreThoseOfTheSpec() => Assert.Equal(
        Enum.GetNames<WebhookCapability>(),
        YamlJson.ReadAll(File)
            .Single()["components"]!["schemas"]!["Capabilities"]!["properties"]!["capabilities"]!["items"]!["enum"]!
            .AsArray()
            .Select(static one => (string)one!));

    [Theory]
    [InlineData(WebhookProblem.MailboxNotFound, "404")]
    [InlineData(WebhookProblem.SelectorTaken, "409")]
    [InlineData(WebhookProblem.TooManyChosen, "422")]
    public void Problem_ThatTheOperatorKnows_IsDescribed(string type, string status)
    {
        JsonNode put = YamlJson.ReadAll(File)
            .Single()["paths"]!["/v1/instances/{instance}/devices/{deviceUid}"]!["put"]!;

        Assert.Contains(type, (string)put["responses"]![status]!["description"]!);
    }
}
