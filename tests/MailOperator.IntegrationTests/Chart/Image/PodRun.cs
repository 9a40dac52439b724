using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using MailOperator.IntegrationTests.Bed;

namespace MailOperator.IntegrationTests.Chart.Image;

/// <summary>What a node gives a pod beside its image and its spec.</summary>
/// <param name="Namespace">The pod's namespace.</param>
/// <param name="Token">The token of its ServiceAccount.</param>
/// <param name="Authority">The file with the certificate of the API server.</param>
/// <param name="Server">The API server.</param>
/// <param name="Volumes">The folders on this machine that stand for the pod's volumes, by name.</param>
internal sealed record Node(
    string Namespace, string Token, string Authority, Uri Server, IReadOnlyDictionary<string, string> Volumes);

/// <summary>
/// The container of a rendered pod, run by runc with the pod's arguments, environment, mounts, user, limits and
/// security context, as a kubelet would. Only the network is this machine's, so that it reaches the API server of the
/// tests.
/// </summary>
internal sealed class PodRun : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;
    private readonly string _id;

    private PodRun(Process process, string folder, string id) => (_process, _folder, _id) = (process, folder, id);

    public string Log => File.ReadAllText(Path.Combine(_folder, "log"));

    /// <summary>The first process of the container, as this machine numbers it.</summary>
    public int ProcessId => int.Parse(File.ReadAllText(Path.Combine(_folder, "pid")));

    public static PodRun Start(
        BuiltImage image, JsonObject pod, Node node, IReadOnlyDictionary<string, string> environment)
    {
        string folder = Directory.CreateTempSubdirectory("mail-operator-pod-").FullName;
        string account = Path.Combine(folder, "serviceaccount");
        Directory.CreateDirectory(account);
        File.WriteAllText(Path.Combine(account, "token"), node.Token);
        File.WriteAllText(Path.Combine(account, "namespace"), node.Namespace);
        File.Copy(node.Authority, Path.Combine(account, "ca.crt"));
        foreach (string file in Directory.EnumerateFiles(account))
        {
            File.SetUnixFileMode(
                file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        var bundle = new RuntimeBundle(image, pod, node, account);
        File.WriteAllText(Path.Combine(folder, "config.json"), bundle.Config(environment).ToJsonString());
        string id = Path.GetFileName(folder);
        // A shell of its own only to send both streams to one file; runc becomes its process.
        var start = new ProcessStartInfo(
            "sh",
            ["-c", $"exec runc run --bundle {folder} --pid-file {folder}/pid {id} >{folder}/log 2>&1 </dev/null"]);
        return new PodRun(Process.Start(start)!, folder, id);
    }

    /// <summary>Waits until a probe succeeds, and returns how long that took.</summary>
    public Task<TimeSpan> AnswersAsync(Uri probe) => Eventually.TrueAsync($"{probe} answers", async () =>
    {
        Assert.False(_process.HasExited, _process.HasExited ? Log : "");
        using var http = new HttpClient();
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(probe, TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    });

    /// <summary>A line of the process's status at the kernel.</summary>
    public string Kernel(string name) => File.ReadLines($"/proc/{ProcessId}/status")
        .Single(line => line.StartsWith($"{name}:", StringComparison.Ordinal))[(name.Length + 1)..].Trim();

    /// <summary>Ends it with SIGTERM like Kubernetes. Returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        if (!_process.HasExited)
        {
            _ = SendSignal(_process.Id, 15);
            await _process.WaitForExitAsync();
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Shell.TryAsync("runc", ["delete", "--force", _id]);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendSignal(int pid, int signal);
}
