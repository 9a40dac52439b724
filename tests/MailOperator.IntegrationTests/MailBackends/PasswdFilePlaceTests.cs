using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.MailDevices;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailBackends;

/// <summary>A passwd-file at places and with content as people have them, and a real Dovecot that reads it.</summary>
public sealed class PasswdFilePlaceTests : OperatorTest
{
    private readonly string _backend = $"place-{Guid.NewGuid().ToString("N")[..8]}";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mo-place-");
    private readonly List<string> _mounts = [];

    private ObjectKey BackendKey => new("", _backend);

    [Fact]
    public async Task File_WithBytesThatAreNoUtf8_StillLetsTheirOwnerInAfterADevice()
    {
        // Mutant: read it as text. The owner's password would have another byte, and be refused.
        byte[] password = [.. "passw"u8, 0xF6, .. "rd"u8];
        byte[] line =
        [
            .. Encoding.ASCII.GetBytes($"imap/{_backend}@example.com/"), .. password[..6], .. ":{PLAIN}"u8, .. password,
            .. "::::::\n"u8,
        ];
        await File.AppendAllBytesAsync(Bed.Dovecot.PasswdFile, line, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync("its owner is let in", () => LogsInAsync(password));

        await Cluster.CreateDeviceAsync(Namespace, "web", $"{{mailbox: web-{_backend}@example.com}}");
        await Bed.WaitForDeviceAsync(Key("web"), "Ready", "True");
        Assert.True(await Bed.ImapAsync(await Bed.SecretAsync(Key("web")))); // Dovecot has read what was written

        Assert.True(await LogsInAsync(password));
    }

    [Fact]
    public async Task Path_IsALink_IssuesAndEndsAtWhatItNames()
    {
        // Mutant: replace the link by a file. The device would be ready and never log in, and what ends would go on.
        string link = Path.Combine(_folder.FullName, "app-passwords");
        File.CreateSymbolicLink(link, Bed.Dovecot.PasswdFile);
        await CreateBackendAsync(link);
        await Cluster.CreateDeviceAsync(
            Namespace, "web", $"{{mailbox: web-{_backend}@example.com, backendRef: {{name: {_backend}}}}}");
        await Bed.WaitForDeviceAsync(Key("web"), "Ready", "True");
        DeviceSecret secret = await Bed.SecretAsync(Key("web"));
        Assert.True(await Bed.ImapAsync(secret));

        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("web"), "{spec: {suspended: true}}");

        await Eventually.TrueAsync("it is refused", async () => !await Bed.ImapAsync(secret));
        Assert.Equal(Bed.Dovecot.PasswdFile, new FileInfo(link).LinkTarget);
    }

    [Fact]
    public async Task Path_IsASingleFileMounted_IsRefusedInWords()
    {
        string real = Path.Combine(_folder.FullName, "real"), mounted = Path.Combine(_folder.FullName, "mounted");
        await File.WriteAllTextAsync(real, "", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(mounted, "", TestContext.Current.CancellationToken);
        await MountAsync(mounted, "--bind", real);

        await CreateBackendAsync(mounted);

        await NotReadyAsync(Reasons.BackendRejected, "Mount the directory that it is in");
    }

    [Fact]
    public async Task Volume_FullOrReadOnly_IsNotReadyUntilItIsMended()
    {
        // Mutant: a store that can be read is ready.
        string volume = Path.Combine(_folder.FullName, "volume");
        Directory.CreateDirectory(volume);
        await MountAsync(volume, "-t", "tmpfs", "-o", "size=64k", "tmpfs");
        await File.WriteAllTextAsync(
            Path.Combine(volume, "app-passwords"), "# ours\n", TestContext.Current.CancellationToken);
        string filler = Path.Combine(volume, "filler");
        await Assert.ThrowsAsync<IOException>(() => File.WriteAllBytesAsync(
            filler, new byte[128 * 1024], TestContext.Current.CancellationToken));

        await CreateBackendAsync(Path.Combine(volume, "app-passwords"));
        await NotReadyAsync(Reasons.BackendUnavailable, "No space left");

        File.Delete(filler);
        await Shell.RunAsync("mount", "-o", "remount,ro", volume);
        await NotReadyAsync(Reasons.BackendUnauthorized, "read-only");

        await Shell.RunAsync("mount", "-o", "remount,rw", volume);
        await LookAsync();
        await Eventually.TrueAsync("it is ready", async () =>
            await ReadyAsync() is { } ready && (string)ready["status"]! == "True");
        Assert.Equal(["app-passwords"], Directory.GetFiles(volume).Select(Path.GetFileName));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (string mount in _mounts)
        {
            await Shell.RunAsync("umount", "-l", mount);
        }

        _folder.Delete(recursive: true);
    }

    private async Task MountAsync(string place, params string[] what)
    {
        (int exitCode, _, _) = await Shell.TryAsync("mount", [.. what, place]);
        Assert.SkipUnless(exitCode == 0, "Only who may mount a volume has one that is full or takes no writes.");
        _mounts.Add(place);
    }

    private Task<JsonObject> CreateBackendAsync(string path) => Cluster.CreateAsync(
        ApiGroup.MailBackends, "", TestBed.BackendYaml(_backend, $"{{path: {path}}}", Bed.Dovecot));

    private async Task NotReadyAsync(string reason, string words)
    {
        await LookAsync();
        await Eventually.TrueAsync($"the MailBackend says {reason}: {words}", async () =>
            await ReadyAsync() is { } ready && (string)ready["status"]! == "False" && (string)ready["reason"]! == reason
            && ((string)ready["message"]!).Contains(words, StringComparison.Ordinal));
    }

    /// <summary>Triggers what the operator would do by itself within a minute.</summary>
    private Task LookAsync() => Cluster.AnnotateAsync(
        ApiGroup.MailBackends, BackendKey, Annotations.ReconcileRequestedAt, Guid.NewGuid().ToString());

    private async Task<JsonObject?> ReadyAsync() =>
        await Cluster.FindAsync(ApiGroup.MailBackends, BackendKey) is { } found
            ? (JsonObject?)Status.Condition(found, ConditionTypes.Ready)
            : null;

    // No client library sends bytes that are no text.
    private async Task<bool> LogsInAsync(byte[] password)
    {
        using var client = new TcpClient("127.0.0.1", Bed.Dovecot.ImapPort);
        NetworkStream stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.Latin1);
        await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        string sasl = Convert.ToBase64String(
            [0, .. Encoding.ASCII.GetBytes($"{_backend}@example.com"), 0, .. password]);
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"1 AUTHENTICATE PLAIN {sasl}\r\n"), TestContext.Current.CancellationToken);
        string? answer;
        do
        {
            answer = await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        }
        while (answer is not null && !answer.StartsWith("1 ", StringComparison.Ordinal));

        return answer?.StartsWith("1 OK", StringComparison.Ordinal) ?? false;
    }
}
