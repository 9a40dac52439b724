using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;
using MailOperator.Reporting;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Monitoring;

/// <summary>What a scrape costs.</summary>
[Trait(RunsTrait.Name, RunsTrait.Alone)]
public sealed class ScrapeTests
{
    private const int Many = 10_000;
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(50);
    private static readonly string[] Types = ["Ready", "CredentialIssued", "BackendSynced", "Verified", "Suspended"];

    [Fact]
    public async Task Scrape_OfTenThousandDevices_TakesNoMoreThanTheLimit()
    {
        var metrics = new RuntimeMetrics();
        var devices = new ObjectStore<MailDevice>();
        for (int number = 0; number < Many; number++)
        {
            devices.Put(Device(number));
        }

        await new ObjectMetrics(
            metrics, devices, new ObjectStore<MailUser>(), new ObjectStore<MailBackend>(),
            new ObjectStore<DeviceInvitation>(), TimeProvider.System).StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Many, MetricsPage.Read(metrics).Sum("mail_operator_devices"));

        TimeSpan[] times = [.. Enumerable.Range(0, 150).Select(_ => Timed(metrics)).Skip(100).Order()];
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"scrape of {Many} devices: {times[0].TotalMilliseconds:0.0} ms at best, "
            + $"{times[times.Length / 2].TotalMilliseconds:0.0} ms in the middle");
        Assert.InRange(times[times.Length / 2], TimeSpan.Zero, Limit);
    }

    // The processor's time: what others do on the machine does not count.
    private static TimeSpan Timed(RuntimeMetrics metrics)
    {
        TimeSpan begun = Environment.CpuUsage.TotalTime;
        MetricsPage.Read(metrics);
        return Environment.CpuUsage.TotalTime - begun;
    }

    private static MailDevice Device(int number) => new()
    {
        Metadata = new() { Name = $"device-{number}", NamespaceProperty = $"namespace-{number % 100}" },
        Status = new MailDeviceStatus
        {
            IssuedAt = DateTimeOffset.UnixEpoch,
            NextRotationTime = DateTimeOffset.MaxValue,
            Conditions =
            [
                .. Types.Select(type => new Condition
                {
                    Type = type, Status = "True", Reason = number % 10 == 0 ? "Retiring" : "Issued", Message = "m",
                }),
            ],
        },
    };
}
