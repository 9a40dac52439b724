using System.Text.Json;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Docs;

/// <summary>The examples fit together: after the quickstart, the others can be applied.</summary>
public sealed class ExamplesTests
{
    public static TheoryData<string> Devices =>
    [
        .. Directory.EnumerateFiles(Repository.Path("examples"), "*.yaml", SearchOption.AllDirectories)
            .Where(file => YamlJson.ReadAll(file).Any(IsDevice))
            .Select(file => Path.GetRelativePath(Repository.Root, file))
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Devices))]
    public void Device_OfAnExample_IsGrantedByTheQuickstart(string file)
    {
        MailBackend backend = YamlJson.ReadAll(Repository.Path("examples", "quickstart", "mailbackend.yaml"))
            .Single()
            .Deserialize<MailBackend>(ApiJson.Options)!;
        JsonObject @namespace = YamlJson.ReadAll(Repository.Path("examples", "quickstart", "namespace.yaml")).Single();

        Assert.All(
            YamlJson.ReadAll(Repository.Path(file))
                .Where(IsDevice)
                .Select(device => device.Deserialize<MailDevice>(ApiJson.Options)!),
            device =>
            {
                Assert.Null(device.Spec.BackendRef);
                Assert.Equal((string)@namespace["metadata"]!["name"]!, device.Metadata.NamespaceProperty);
                Assert.True(Grants.Allow(
                    backend.Spec.Grants, device.Metadata.NamespaceProperty, new Dictionary<string, string>(),
                    device.Spec.Mailbox));
            });
    }

    [Fact]
    public void Folder_OfExamples_IsDescribed() =>
        Assert.All(
            Directory.EnumerateDirectories(Repository.Path("examples")),
            folder => Assert.True(
                File.Exists(Path.Combine(folder, "README.md"))
                || Directory.EnumerateFiles(folder).All(file => File.ReadLines(file).First().StartsWith('#')), folder));

    private static bool IsDevice(JsonObject @object) => (string)@object["kind"]! == "MailDevice";
}
