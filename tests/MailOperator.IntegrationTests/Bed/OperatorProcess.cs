using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>The operator as a process with the rights of a ServiceAccount. Logs everything.</summary>
internal sealed class OperatorProcess(string kubeconfig, string folder, IReadOnlyDictionary<string, string> settings)
    : IAsyncDisposable
{
    private static readonly HttpClient Http = new();
    private Process? _process;
    private Task _logging = Task.CompletedTask;
    private int _starts;
    private int _port;

    public string Folder => folder;

    public Uri Address => new($"http://127.0.0.1:{_port}");

    /// <param name="isReady">False for one that stands back, and so never becomes ready.</param>
    public async Task StartAsync(bool isReady = true)
    {
        _port = FreePort.Find();
        ProcessStartInfo start = OperatorProgram.Start("operator");
        start.WorkingDirectory = folder;
        start.Environment["KUBECONFIG"] = kubeconfig;
        start.Environment["MAIL_OPERATOR_ListenUrl"] = Address.ToString();
        start.Environment["Logging__LogLevel__Default"] = "Trace";
        // The client libraries log everything too, to analyse crashes.
        start.Environment["Logging__LogLevel__System.Net.Http"] = "Trace";
        foreach ((string name, string value) in settings)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _logging = LogAsync(_process, Path.Combine(folder, $"operator-{++_starts}.log"));
        if (isReady)
        {
            await Eventually.TrueAsync("the operator is ready", IsReadyAsync);
        }
    }

    /// <summary>Kills the process: it completes and releases nothing.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        await _logging;
    }

    /// <summary>Ends it with SIGTERM like Kubernetes. Returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        if (_process is not { HasExited: false } process)
        {
            return 0;
        }

        _ = SendSignal(process.Id, 15);
        await process.WaitForExitAsync();
        await _logging;
        return process.ExitCode;
    }

    /// <summary>Reports an unexpected exit as such, and not as a failure of the next test.</summary>
    public void AssertIsRunning() =>
        Assert.False(
            _process!.HasExited,
            $"The operator ended with {(_process.HasExited ? _process.ExitCode : 0)}; its log is in {folder}.");

    /// <summary>Waits for it to exit.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan limit)
    {
        await _process!.WaitForExitAsync(TestContext.Current.CancellationToken)
            .WaitAsync(limit, TestContext.Current.CancellationToken);
        await _logging;
        return _process.ExitCode;
    }

    /// <summary>What a probe is told; "" before it is told anything.</summary>
    public async Task<string> ReadinessAsync()
    {
        AssertIsRunning();
        try
        {
            using HttpResponseMessage response = await Http.GetAsync(
                new Uri(Address, "/readyz"), TestContext.Current.CancellationToken);
            return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }

    public Task<string> MetricsAsync() =>
        Http.GetStringAsync(new Uri(Address, "/metrics"), TestContext.Current.CancellationToken);

    /// <summary>Resident memory in MiB.</summary>
    public double ResidentMemory()
    {
        _process!.Refresh();
        return _process.WorkingSet64 / 1048576.0;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process?.Dispose();
    }

    private static async Task LogAsync(Process process, string file)
    {
        await using var log = new StreamWriter(file) { AutoFlush = true };
        using var turn = new SemaphoreSlim(1);
        await Task.WhenAll(CopyAsync(process.StandardOutput), CopyAsync(process.StandardError));

        async Task CopyAsync(StreamReader lines)
        {
            while (await lines.ReadLineAsync() is { } line)
            {
                await turn.WaitAsync();
                await log.WriteLineAsync(line);
                turn.Release();
            }
        }
    }

    private async Task<bool> IsReadyAsync()
    {
        AssertIsRunning();
        try
        {
            using HttpResponseMessage response = await Http.GetAsync(
                new Uri(Address, "/readyz"), TestContext.Current.CancellationToken);
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
