using MailOperator.IntegrationTests.Bed;
using MailOperator.Tests;
using Microsoft.Playwright;

namespace MailOperator.IntegrationTests.Portal;

/// <summary>
/// A portal on the real API server, and a Chromium. Started by the first test that needs it, shared by all.
/// </summary>
internal sealed class PortalBed : IAsyncDisposable
{
    private const string Chromium = "/usr/bin/chromium";

    private static PortalBed? _started;

    private readonly IPlaywright _playwright;

    private PortalBed(
        Cluster cluster, PortalProcess portal, IPlaywright playwright, IBrowser browser, string kubeconfig)
    {
        Cluster = cluster;
        Portal = portal;
        _playwright = playwright;
        Browser = browser;
        Kubeconfig = kubeconfig;
    }

    public Cluster Cluster { get; }

    public PortalProcess Portal { get; }

    public IBrowser Browser { get; }

    /// <summary>A kubeconfig with the portal's rights.</summary>
    public string Kubeconfig { get; }

    /// <summary>The folder for screenshots of the pages.</summary>
    public static string Screenshots { get; } =
        Directory.CreateDirectory(Repository.Path("artifacts", "screenshots")).FullName;

    public static async ValueTask<PortalBed> GetAsync() => _started ??= await StartAsync();

    /// <summary>The portal's whole log and its metrics; "" if no test has started a portal.</summary>
    public static async Task<string> TellsAsync() =>
        _started is { Portal: { } portal } ? portal.Log() + await portal.MetricsAsync() : "";

    public static async ValueTask StopIfStartedAsync()
    {
        if (_started is { } started)
        {
            await started.DisposeAsync();
        }
    }

    /// <summary>A new browser context without cookies. The caller disposes of it.</summary>
    public async Task<IPage> PersonAsync(
        string language = "en",
        bool scripts = true,
        bool dark = false,
        bool phone = false,
        Action<BrowserNewContextOptions>? change = null)
    {
        var options = new BrowserNewContextOptions
        {
            Locale = language,
            JavaScriptEnabled = scripts,
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = phone
                ? new ViewportSize { Width = 360, Height = 740 }
                : new ViewportSize { Width = 1100, Height = 800 },
            TimezoneId = "Europe/Zurich",
            Permissions = ["clipboard-read", "clipboard-write"],
        };
        change?.Invoke(options);
        IBrowserContext context = await Browser.NewContextAsync(options);
        context.SetDefaultTimeout((float)Eventually.Patience.TotalMilliseconds);
        return await context.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        _playwright.Dispose();
        await Portal.DisposeAsync();
        Cluster.Dispose();
    }

    private static async Task<PortalBed> StartAsync()
    {
        Assert.True(File.Exists(Chromium), $"{Chromium} is missing; tests/servers/install.sh installs it.");
        await Shell.RunAsync(Repository.Path("tests", "control-plane", "install-crds.sh"));
        string folder = Directory.CreateTempSubdirectory("mail-operator-portal-").FullName;
        var cluster = Cluster.FromEnvironment();
        string kubeconfig = await PortalRights.KubeconfigAsync(cluster, folder);
        var portal = new PortalProcess(kubeconfig, folder, new Uri(TestBed.PortalUrl));
        await portal.StartAsync();
        IPlaywright playwright = await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout((float)Eventually.Patience.TotalMilliseconds);
        IBrowser browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium,
            // As root, Chromium only runs without its sandbox. The other flags stop requests to other servers.
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
        return new PortalBed(cluster, portal, playwright, browser, kubeconfig);
    }
}
