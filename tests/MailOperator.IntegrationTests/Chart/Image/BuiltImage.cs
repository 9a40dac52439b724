using System.Text.Json.Nodes;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Chart.Image;

/// <summary>
/// The image of <c>operator/Dockerfile</c>, built once by the script of <c>make image</c> on a base of Debian's
/// packages, and its files.
/// </summary>
internal sealed class BuiltImage
{
    /// <summary>An image that was built before, and its archive: `make test` builds one for all tests.</summary>
    private static readonly string? Given = Environment.GetEnvironmentVariable("TEST_IMAGE");
    private static readonly string? GivenArchive = Environment.GetEnvironmentVariable("TEST_IMAGE_ARCHIVE");

    private static readonly string Name = Given ?? "localhost/mail-operator:test";

    private static readonly Lazy<Task<BuiltImage>> Built = new(BuildAsync);

    private static readonly Dictionary<string, string> Storage = new() { ["STORAGE_DRIVER"] = "vfs" };

    private readonly string _container;

    private BuiltImage(string container, string root, JsonObject config, long compressed) =>
        (_container, Root, Config, Compressed) = (container, root, config, compressed);

    /// <summary>The folder with the image's file system.</summary>
    public string Root { get; }

    /// <summary>The configuration of the image, as the OCI image specification has it.</summary>
    public JsonObject Config { get; }

    /// <summary>The size of the compressed image in bytes.</summary>
    public long Compressed { get; }

    public static Task<BuiltImage> GetAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root may run a container here.");
        return Built.Value;
    }

    public static async ValueTask RemoveIfBuiltAsync()
    {
        if (!Built.IsValueCreated || !Built.Value.IsCompletedSuccessfully)
        {
            return;
        }

        await BuildahAsync("rm", (await Built.Value)._container);
        if (Given is null)
        {
            await BuildahAsync("rmi", Name);
        }
    }

    private static async Task<BuiltImage> BuildAsync()
    {
        long compressed = Given is null ? await MakeAsync()
            : GivenArchive is null ? 0
            : new FileInfo(GivenArchive).Length;
        string container = (await BuildahAsync("from", "--pull-never", Name)).Trim();
        string root = (await BuildahAsync("mount", container)).Trim();
        string about = await BuildahAsync("inspect", "--type", "image", Name);
        return new BuiltImage(container, root, JsonNode.Parse(about)!["OCIv1"]!["config"]!.AsObject(), compressed);
    }

    private static async Task<long> MakeAsync()
    {
        string archive = Path.Combine(Path.GetTempPath(), $"mail-operator-image-{Environment.ProcessId}.tar");
        (int exitCode, _, string errors) = await Shell.TryAsync(
            Repository.Path("release", "image.sh"), [], environment: new Dictionary<string, string>(Storage)
            {
                ["BASE"] = "debian",
                ["IMAGE"] = Name,
                ["ARCHIVE"] = archive,
            });
        Assert.True(exitCode == 0, errors);
        long compressed = new FileInfo(archive).Length;
        File.Delete(archive);
        return compressed;
    }

    private static async Task<string> BuildahAsync(params string[] arguments)
    {
        (int exitCode, string output, string errors) = await Shell.TryAsync(
            "buildah", arguments, environment: Storage);
        return exitCode == 0
            ? output
            : throw new InvalidOperationException($"buildah {string.Join(' ', arguments)}: {errors}");
    }
}
