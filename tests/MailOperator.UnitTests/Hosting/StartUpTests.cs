using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MailOperator.Hosting;
using MailOperator.Portal;

namespace MailOperator.UnitTests.Hosting;

/// <summary>A role that cannot start says why in one line, and ends with exit code 1.</summary>
public sealed class StartUpTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);
    private readonly string _folder = Directory.CreateTempSubdirectory("mo-start-").FullName;

    private const string Kubeconfig = """
        apiVersion: v1
        kind: Config
        clusters: [{name: a, cluster: {server: "https://127.0.0.1:1"}}]
        users: [{name: a, user: {token: t}}]
        contexts: [{name: a, context: {cluster: a, user: a}}]
        current-context: a
        """;

    [Theory]
    [InlineData("operator --Workers=abc", "Workers is 'abc' but must be a whole number.")]
    [InlineData("operator --Workers=", "Workers is '' but must be a whole number.")]
    [InlineData("operator --Workers=0", "Workers must be between 1 and 512.")]
    [InlineData("operator --Workers", "--Workers needs a value, as in --Workers=value.")]
    [InlineData(
        "operator --Smtp:Security=aaaaaaaabbbbbbbbccccccccddddddddeeeeeeeeffffffffgggggggghhhhhhhhi",
        "is 'aaaaaaaabbbbbbbbccccccccddddddddeeeeeeeeffffffffgggggggghhhhhhhh…' but")]
    [InlineData("operator Workers=5", "'Workers=5' is not a setting: settings are given as --Name=value.")]
    [InlineData("operator --Wrkers=5", "There is no setting --Wrkers. The settings are Namespace, Instance,")]
    [InlineData("operator --ListenUrl=foo", "ListenUrl must be an address with a port, such as http://*:8080.")]
    [InlineData("operator --ListenUrl=http://127.0.0.1:99999", "ListenUrl must be an address with a port")]
    [InlineData("operator --ReconcileTimeout=30s", "must be hours:minutes:seconds, such as 00:00:30.")]
    [InlineData("operator --ReconcileTimeout=30", "ReconcileTimeout must be between 00:00:20 and 00:10:00.")]
    [InlineData("operator --LeaderElection:Enabled=yes", "LeaderElection:Enabled is 'yes' but must be true or false.")]
    [InlineData("operator --LeaderElection:LeaseName=", "LeaderElection:LeaseName must not be empty.")]
    [InlineData("operator --LeaderElection:LeaseDuration=00:00:01", "LeaseDuration must be between 00:00:02 and")]
    [InlineData("operator --Smtp:Security=SSL", "Smtp:Security is 'SSL' but must be one of ")]
    [InlineData("operator --Smtp:Host=a --Smtp:From=a@example.com --Smtp:CaBundle=%", "must be encoded as base64.")]
    [InlineData("operator --InvitationUrl=foo", "InvitationUrl must be the portal's address such as https://")]
    [InlineData("operator --Logging:LogLevel:Default=Verbose", "Logging:LogLevel:Default is 'Verbose' but must be one")]
    [InlineData("operator --Logging:Console:FormatterName=xml", "must be one of simple, json, systemd.")]
    [InlineData("operator --Workers=0 --Smtp:Port=0", " between 1 and 512. Smtp:Port must be between 1 and 6")]
    [InlineData("portal", "PublicUrl must be the URL at which people reach the portal")]
    [InlineData("portal --PublicUrl=https://a.example --ListenUrl=https://*:8080", "ListenUrl must be an address with")]
    [InlineData("portal --PublicUrl=https://a.example --ClaimsPerMinute=0", "ClaimsPerMinute must be between 1 and ")]
    [InlineData("portal --PublicUrl=https://a.example --ProfileKeyFile=/no", "ProfileKeyFile belong together")]
    public async Task WrongSetting_IsOneLine(string arguments, string expected) // mutant: any check left out
    {
        string[] settings = arguments.Split(' ')[1..];
        var errors = new StringWriter();
        var startUp = new StartUp(errors);

        int exitCode = await (arguments.StartsWith("portal", StringComparison.Ordinal)
            ? startUp.TryRunAsync<PortalOptions>("MAIL_OPERATOR_PORTAL_", settings, PortalRole.Compose)
            : startUp.TryRunAsync<OperatorOptions>("MAIL_OPERATOR_", settings, OperatorRole.Compose))
            .WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.Equal(StartUp.FailedExitCode, exitCode);
        Assert.Contains(expected, OneLine(errors.ToString()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "The kubeconfig", "none (KUBECONFIG) cannot be used: ")]
    [InlineData("a: [", "(KUBECONFIG) cannot be used: it is not a kubeconfig in YAML, at line ")]
    [InlineData("", "cannot be used: ")]
    [InlineData("contexts: []", "cannot be used: ")]
    [InlineData("users: [{name: a, user: {client-certificate-data: no, client-key-data: no}}]", "cannot be used: ")]
    public async Task WrongKubeconfig_IsOneLine(string? part, params string[] expected)
    {
        string kubeconfig = part is null ? Path.Combine(_folder, "none") : await WriteAsync(
            part.StartsWith("apiVersion", StringComparison.Ordinal) || !part.Contains(']')
                ? part
                : string.Join('\n', Kubeconfig.Split('\n').Where(line => line[..5] != part[..5]).Append(part)));

        string line = await FailAsync("operator", kubeconfig);

        Assert.All(expected, text => Assert.Contains(text, line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task PortInUse_IsOneLine()
    {
        string kubeconfig = await WriteAsync(Kubeconfig);
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        string line = await FailAsync($"operator --ListenUrl=http://{other.LocalEndpoint}", kubeconfig);

        Assert.Contains("address already in use. Does another process use the port?", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Variable_Unknown_IsRefusedUnlessItIsThatOfAService()
    {
        var configuration = new Microsoft.Extensions.Configuration.ConfigurationBuilder().Build();
        const string Prefix = "MAIL_OPERATOR_";
        string[] variables =
        [
            $"{Prefix}Wrkers", $"{Prefix}PORT", $"{Prefix}Logging__LogLevel__Default",
            $"{Prefix}leaderElection__leaseName", $"{Prefix}PORTAL_PublicUrl", "PATH",
        ];

        string problem = Assert.Single(
            SettingsCheck.Problems<OperatorOptions>(Prefix, [], variables, configuration));

        Assert.StartsWith($"There is no setting {Prefix}Wrkers. After {Prefix} ", problem, StringComparison.Ordinal);
        Assert.Contains("LeaderElection__LeaseName", problem, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<string> WriteAsync(string text)
    {
        string path = Path.Combine(_folder, "kubeconfig");
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        return path;
    }

    // Mutants: no catch (a core dump); the host's logging is not filtered (a stack).
    private static async Task<string> FailAsync(string arguments, string kubeconfig)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(OperatorOptions).Assembly.Location, .. arguments.Split(' ')])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["KUBECONFIG"] = kubeconfig },
        };
        using Process process = Process.Start(start)!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        process.Kill(); // one that started after all
        string said = await errors;

        Assert.Equal(StartUp.FailedExitCode, process.ExitCode);
        Assert.DoesNotContain("   at ", await output, StringComparison.Ordinal);
        return OneLine(said);
    }

    private static string OneLine(string said)
    {
        string line = Assert.Single(said.TrimEnd('\n').Split('\n'));
        Assert.StartsWith("Cannot start: ", line, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"System\.|k8s\.|Exception|Options|The field|   at ", line);
        return line;
    }
}
