using System.Diagnostics;
using MailOperator.Kubernetes;
using MailOperator.Tests;
using MailOperator.Tests.OpenApi;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>
/// The reference server of <c>examples/webhook</c> as a process, behind a proxy that checks the contract.
/// </summary>
internal sealed class WebhookServer : IAsyncDisposable
{
    public const string Token = "the-token-of-the-operator";

    private readonly string[] _arguments;
    private Process? _process;

    private WebhookServer(string folder, string[] arguments)
    {
        Folder = folder;
        _arguments = arguments;
    }

    public static OpenApiContract Contract { get; } =
        OpenApiContract.Load(Repository.Path("operator", "Backends", "Webhook", "openapi-v1.yaml"));

    public string Folder { get; }

    public int Port { get; private set; }

    public ContractProxy Proxy { get; private set; } = null!;

    /// <summary>With a token, in plain HTTP behind the proxy.</summary>
    public static async Task<WebhookServer> StartAsync()
    {
        string folder = Directory.CreateTempSubdirectory("mo-webhook-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "token"), Token + "\n");
        WebhookServer server = await StartAsync(
            folder, "--token-file", "token", "--domains", "example.com", "shop.example.com");
        server.Proxy = await ContractProxy.StartAsync(Contract, new Uri($"http://127.0.0.1:{server.Port}"));
        return server;
    }

    /// <summary>With these settings and no proxy.</summary>
    public static async Task<WebhookServer> StartAsync(string folder, params string[] arguments)
    {
        var server = new WebhookServer(folder, arguments);
        await server.RunAsync();
        return server;
    }

    /// <summary>Kills the process and starts it again.</summary>
    public async Task KillAndRestartAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        await RunAsync();
    }

    /// <summary>Reports a login like a mail server.</summary>
    public Task NoteLoginAsync(string selector, DateTimeOffset at) => Shell.RunAsync("python3", "-c", """
        import sqlite3, sys
        with sqlite3.connect(sys.argv[1]) as db:
            db.execute("UPDATE slots SET last_used = ? WHERE selector = ?", (sys.argv[3], sys.argv[2]))
        """, Path.Combine(Folder, "slots.sqlite"), selector, Rfc3339.Format(at));

    public async ValueTask DisposeAsync()
    {
        if (Proxy is { } proxy)
        {
            await proxy.DisposeAsync();
        }

        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task RunAsync()
    {
        _process = Process.Start(new ProcessStartInfo(
            "python3",
            [
                "-B",
                Repository.Path("examples", "webhook", "server", "server.py"),
                "--listen",
                $"127.0.0.1:{Port}",
                .. _arguments,
            ])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> log = _process.StandardError.ReadToEndAsync();
        string? line = await _process.StandardOutput.ReadLineAsync();
        Port = line is null
            ? throw new InvalidOperationException($"The reference server ended: {await log}")
            : int.Parse(line.Split(' ')[^1]);
    }
}
