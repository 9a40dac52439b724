using System.Diagnostics;
using MailOperator.IntegrationTests.Bed;

namespace MailOperator.IntegrationTests.Portal;

/// <summary>The portal as a process of its own, with the rights of its own role.</summary>
/// <param name="kubeconfig">Its rights.</param>
/// <param name="folder">Where it runs and logs.</param>
/// <param name="address">The address in the links.</param>
/// <param name="heapLimit">The most that its heap may take, in bytes; null for no limit.</param>
internal sealed class PortalProcess(string kubeconfig, string folder, Uri address, int? heapLimit = null)
    : IAsyncDisposable
{
    private static readonly HttpClient Http = new();
    private readonly int _managementPort = FreePort.Find();
    private Process? _process;
    private Task _logging = Task.CompletedTask;
    private int _starts;

    /// <summary>The address in the links.</summary>
    public Uri Address => address;

    public Uri LinkOf(string token) => new(Address, $"i/{token}");

    public async Task StartAsync()
    {
        ProcessStartInfo start = OperatorProgram.Start("portal");
        start.WorkingDirectory = folder;
        start.Environment["KUBECONFIG"] = kubeconfig;
        start.Environment["MAIL_OPERATOR_PORTAL_PublicUrl"] = Address.ToString();
        start.Environment["MAIL_OPERATOR_PORTAL_ListenUrl"] = Address.ToString();
        start.Environment["MAIL_OPERATOR_PORTAL_ManagementUrl"] = $"http://127.0.0.1:{_managementPort}";
        start.Environment["MAIL_OPERATOR_PORTAL_Organization"] = "Example Mail";
        // The browsers of all tests share one address.
        start.Environment["MAIL_OPERATOR_PORTAL_RequestsPerMinute"] = "100000";
        start.Environment["Logging__LogLevel__Default"] = "Trace";
        if (heapLimit is { } bytes)
        {
            start.Environment["DOTNET_GCHeapHardLimit"] = bytes.ToString("x");
        }

        // Even then the log must not contain a link.
        start.Environment["Logging__LogLevel__Microsoft.AspNetCore"] = "Trace";
        _process = Process.Start(start)!;
        _logging = CopyAsync(_process, Path.Combine(folder, $"portal-{++_starts}.log"));
        await Eventually.TrueAsync("the portal is ready", IsReadyAsync);
    }

    public async Task StopAsync()
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            await _logging;
        }
    }

    /// <summary>The portal's whole log.</summary>
    public string Log() => string.Concat(Directory.EnumerateFiles(folder, "portal-*.log").Select(static file =>
    {
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }));

    public Task<string> MetricsAsync() =>
        Http.GetStringAsync(
            new Uri($"http://127.0.0.1:{_managementPort}/metrics"), TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process?.Dispose();
    }

    private static async Task CopyAsync(Process process, string file)
    {
        await using var log = TextWriter.Synchronized(new StreamWriter(file) { AutoFlush = true });
        await Task.WhenAll(LinesAsync(process.StandardOutput), LinesAsync(process.StandardError));

        async Task LinesAsync(StreamReader lines)
        {
            while (await lines.ReadLineAsync() is { } line)
            {
                await log.WriteLineAsync(line);
            }
        }
    }

    private async Task<bool> IsReadyAsync()
    {
        Assert.False(
            _process!.HasExited,
            $"The portal ended with {(_process.HasExited ? _process.ExitCode : 0)}; its log is in {folder}.");
        try
        {
            using HttpResponseMessage response = await Http.GetAsync(
                new Uri($"http://127.0.0.1:{_managementPort}/readyz"), TestContext.Current.CancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
