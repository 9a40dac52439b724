using System.Diagnostics;
using System.Runtime.InteropServices;
using MailOperator.Benchmarks.Figures;
using MailOperator.IntegrationTests.Bed;

namespace MailOperator.Benchmarks.Bed;

/// <summary>
/// A role of the product as a process that finds what it finds in a pod: the files of its ServiceAccount at their
/// place, the chart's environment, no kubeconfig. A mount namespace of its own has the files, so that the machine's
/// /run is left alone.
/// </summary>
internal sealed class Pod : IAsyncDisposable
{
    private const int Terminate = 15;
    private const int MaxSecondsToQuiet = 120;
    private const double Quiet = 0.05; // seconds of computing in a second

    private const string Disguise = """
        mount -t tmpfs tmpfs /run && mkdir -p /run/secrets/kubernetes.io &&
        cp -r "$1" /run/secrets/kubernetes.io/serviceaccount && exec >>"$2" 2>&1 && shift 2 && exec "$@"
        """;

    private static readonly HttpClient Http = new();
    private readonly Process _process;
    private readonly long _started = Stopwatch.GetTimestamp();

    private Pod(Process process, Uri probes, string log)
    {
        _process = process;
        Probes = probes;
        Log = log;
    }

    /// <summary>Where it serves /readyz and /metrics.</summary>
    public Uri Probes { get; }

    public string Log { get; }

    /// <summary>When it was started, by <see cref="Stopwatch.GetTimestamp"/>.</summary>
    public long Started => _started;

    /// <summary>From its start until it said that it is ready.</summary>
    public TimeSpan ReadyAfter { get; private set; }

    public double CpuSeconds => ProcessFigures.CpuSeconds(_process.Id);

    public double ResidentMegabytes => ProcessFigures.ResidentMegabytes(_process.Id);

    /// <param name="role"><c>operator</c> or <c>portal</c>.</param>
    /// <param name="account">The files of its ServiceAccount, and where the API server is.</param>
    /// <param name="probes">Where it serves its probes.</param>
    /// <param name="environment">The chart's environment.</param>
    public static async Task<Pod> StartAsync(
        string role, ServiceAccountFiles account, Uri probes, IReadOnlyDictionary<string, string> environment)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new InvalidOperationException("Only root can give a process the files of a pod.");
        }

        string log = Path.Combine(account.Folder, $"{role}.log");
        var start = new ProcessStartInfo(
            "unshare",
            [
                "--mount", "--propagation", "private", "sh", "-c", Disguise, "sh", account.Folder, log,
                .. OperatorProgram.Command(role),
            ]);
        foreach (string name in start.Environment.Keys.Where(IsOurs).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["HOME"] = account.Folder;
        start.Environment["KUBERNETES_SERVICE_HOST"] = account.Server.Host;
        start.Environment["KUBERNETES_SERVICE_PORT"] = account.Server.Port.ToString();
        // As in the chart.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return new Pod(Process.Start(start)!, probes, log);
    }

    /// <summary>Waits until it is ready.</summary>
    public async Task ReadyAsync()
    {
        while (!await AnswersAsync("/readyz"))
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException(
                    $"It ended with {_process.ExitCode}: {string.Join(' ', File.ReadLines(Log).TakeLast(5))}");
            }

            if (Stopwatch.GetElapsedTime(_started) > TimeSpan.FromMinutes(3))
            {
                throw new TimeoutException($"Not ready: {string.Join(' ', File.ReadLines(Log).TakeLast(5))}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }

        ReadyAfter = Stopwatch.GetElapsedTime(_started);
    }

    /// <summary>Waits until it has computed next to nothing for a second.</summary>
    /// <exception cref="TimeoutException">It goes on computing.</exception>
    public async Task QuietAsync()
    {
        double before = CpuSeconds;
        for (int second = 0; second < MaxSecondsToQuiet; second++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
            double now = CpuSeconds;
            if (now - before <= Quiet)
            {
                return;
            }

            before = now;
        }

        throw new TimeoutException($"It still computes after {MaxSecondsToQuiet} s without work.");
    }

    /// <summary>How many reconciles of MailDevices it has ended.</summary>
    public async Task<double> LooksAsync() => Metrics.Sum(
        await MetricsAsync(), "mail_operator_reconcile_time_seconds_count", "controller=\"maildevice\"");

    /// <summary>How many objects wait for a worker.</summary>
    public async Task<double> QueuedAsync() => Metrics.Sum(await MetricsAsync(), "mail_operator_workqueue_depth");

    /// <summary>Its resident memory once it is quiet: the median of some looks.</summary>
    public async Task<double> SettledMegabytesAsync()
    {
        await QuietAsync();
        var looks = new List<double>();
        for (int look = 0; look < 5; look++)
        {
            looks.Add(ResidentMegabytes);
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        }

        return Statistics.Median(looks);
    }

    /// <summary>Ends it as Kubernetes does.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _ = SendSignal(_process.Id, Terminate);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private Task<string> MetricsAsync() => Http.GetStringAsync(new Uri(Probes, "/metrics"));

    private static bool IsOurs(string name) =>
        name.StartsWith("KUBE", StringComparison.Ordinal) || name.StartsWith("MAIL_OPERATOR", StringComparison.Ordinal)
        || (name.StartsWith("DOTNET_", StringComparison.Ordinal) && name != "DOTNET_ROOT");

    private async Task<bool> AnswersAsync(string path)
    {
        try
        {
            using HttpResponseMessage response = await Http.GetAsync(new Uri(Probes, path));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendSignal(int pid, int signal);
}
