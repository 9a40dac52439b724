using System.Security.Cryptography;
using System.Text.Json.Nodes;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Chart;

/// <summary>The files of <c>make release</c>, but for the image, which ImageTests build.</summary>
public sealed class ReleaseTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mail-operator-release-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Release_MadeTwice_IsTheSame_AndSaysWhatItHolds()
    {
        Assert.SkipUnless(Path.Exists(Repository.Path(".git")), "This is no checkout of Git.");
        string first = await MakeAsync("first"), second = await MakeAsync("second");
        string[] files =
            [.. Directory.EnumerateFiles(first, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

        Assert.All(files, file => Assert.Equal(
            Digest(file), Digest(file.Replace(first, second, StringComparison.Ordinal))));

        JsonNode bom = JsonNode.Parse(await ReadAsync(first, "sbom.cdx.json"))!;
        Assert.Equal("CycloneDX", (string)bom["bomFormat"]!);
        string[] packages = [.. bom["components"]!.AsArray().Select(one => (string)one!["name"]!)];
        string[] direct =
        [
            .. File.ReadLines(Repository.Path("operator", "MailOperator.csproj"))
                .Where(line => line.Contains("<PackageReference", StringComparison.Ordinal))
                .Select(line => line.Split('"')[1]),
        ];
        Assert.Subset(packages.ToHashSet(), direct.ToHashSet());
        string licences = await ReadAsync(first, "THIRD-PARTY.md");
        Assert.All(packages, name => Assert.Contains($"| {name} | ", licences, StringComparison.Ordinal));

        JsonNode statement = JsonNode.Parse(await ReadAsync(first, "provenance.json"))!;
        string sums = await ReadAsync(first, "SHA256SUMS");
        Assert.Equal(
            files.Select(file => Path.GetRelativePath(first, file))
                .Except(["SHA256SUMS", "provenance.json"]).Order(StringComparer.Ordinal),
            statement["subject"]!.AsArray().Select(one => (string)one!["name"]!).Order(StringComparer.Ordinal));
        Assert.All(statement["subject"]!.AsArray(), one => Assert.Contains(
            $"{(string)one!["digest"]!["sha256"]!}  {(string)one["name"]!}\n", sums, StringComparison.Ordinal));
        (int exitCode, _, string errors) = await Helm.TryAsync(
            ["lint", "--strict", Directory.EnumerateFiles(first, "mail-operator-*.tgz").Single()]);
        Assert.True(exitCode == 0, errors);
    }

    private static string Digest(string file) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)));

    private static Task<string> ReadAsync(string folder, string file) =>
        File.ReadAllTextAsync(Path.Combine(folder, file), TestContext.Current.CancellationToken);

    private async Task<string> MakeAsync(string name)
    {
        await Helm.TryAsync(["version"]); // skipped without one
        string folder = Path.Combine(_folder, name);
        (int exitCode, _, string errors) = await Shell.TryAsync(
            Repository.Path("release", "release.sh"), [],
            environment: new Dictionary<string, string> { ["OUT"] = folder, ["ARCHES"] = "" });
        Assert.True(exitCode == 0, errors);
        return folder;
    }
}
