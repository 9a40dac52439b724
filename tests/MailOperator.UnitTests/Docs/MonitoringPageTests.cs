using System.Text.RegularExpressions;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.Passwords;
using MailOperator.Portal;
using MailOperator.Reporting;
using MailOperator.Tests;
using MailOperator.UnitTests.Hosting;
using MailOperator.UnitTests.Kubernetes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Moq;

namespace MailOperator.UnitTests.Docs;

/// <summary>docs/monitoring.md names the metrics that there are.</summary>
public sealed partial class MonitoringPageTests
{
    // Made with the host, and not with the modules.
    private static readonly string[] OfTheHost = ["leader_election_master_status", "mail_operator_stands_back"];

    [Fact]
    public async Task Page_Metrics_AreThoseOfThePrograms()
    {
        string[] documented =
        [
            .. File.ReadLines(Repository.Path("docs", "monitoring.md"))
                .Select(static line => Row().Match(line))
                .Where(static row => row.Success)
                .Select(static row => row.Groups[1].Value),
        ];

        Assert.Equal(
            (await NamesAsync()).Concat(OfTheHost).Order(StringComparer.Ordinal),
            documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Counters_AllOfThem_EndWithTotal() =>
        Assert.All(
            Types().Matches((await PageAsync()).Text).Where(static type => type.Groups[2].Value == "counter"),
            static type => Assert.EndsWith("_total", type.Groups[1].Value));

    private static async Task<IEnumerable<string>> NamesAsync() =>
        Types().Matches((await PageAsync()).Text).Select(static type => type.Groups[1].Value)
            .Where(static name => name == "process_resident_memory_bytes"
                || !(name.StartsWith("process_", StringComparison.Ordinal)
                    || name.StartsWith("dotnet_", StringComparison.Ordinal)));

    private static async Task<MetricsPage> PageAsync()
    {
        using var api = new FakeApi();
        await using ServiceProvider modules = Modules.Build(
            api.Connect(TimeProvider.System), TimeProvider.System,
            static services => services
                .AddSingleton<PortalMetrics>()
                .AddSingleton(new PasswordHasher(1))
                .AddSingleton(Mock.Of<IBackendSecrets>()));
        _ = modules.GetServices<Controller>().ToArray();
        _ = modules.GetServices<IInformer>().ToArray();
        modules.GetRequiredService<PortalMetrics>();
        modules.GetRequiredService<BackendMetrics>().Of("dovecot");
        foreach (IHostedService service in modules.GetServices<IHostedService>()
            .Where(static service => service is ObjectMetrics))
        {
            await service.StartAsync(CancellationToken.None);
        }

        modules.GetRequiredService<ObjectStore<MailDevice>>().Put(new MailDevice
        {
            Metadata = new() { Name = "a", NamespaceProperty = "b" },
            Status = new MailDeviceStatus
            {
                NextRotationTime = DateTimeOffset.UnixEpoch,
                ExpiresAt = DateTimeOffset.MaxValue,
            },
        });
        return MetricsPage.Read(modules.GetRequiredService<RuntimeMetrics>());
    }

    [GeneratedRegex(@"^\| `([a-z_]+)` \|")]
    private static partial Regex Row();

    [GeneratedRegex(@"^# TYPE (\S+) (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Types();
}
