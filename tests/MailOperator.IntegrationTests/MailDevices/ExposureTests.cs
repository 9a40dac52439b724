using System.Diagnostics;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>How long a leaked password works after it is reported.</summary>
[Trait(RunsTrait.Name, RunsTrait.Alone)]
public sealed class ExposureTests(ITestOutputHelper output) : OperatorTest
{
    private const int Count = 100;
    private const int AtATime = 10;

    /// <summary>Dovecot checks the time of its file once a second; the rest is for the operator.</summary>
    private static readonly TimeSpan Target = TimeSpan.FromSeconds(2);

    /// <summary>The allowance for a busy machine, in logins.</summary>
    private const int LoginsOnTop = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly System.Collections.Concurrent.ConcurrentBag<TimeSpan> _logins = [];

    private string BackendName => "exposed-" + Namespace;

    [Fact]
    public async Task Revoke_ByRotationAndByDeletion_IsRefusedByTheMailServerWithinTwoSeconds()
    {
        await Cluster.CreateAsync(
            ApiGroup.MailBackends, "",
            TestBed.BackendYaml(BackendName, $"{{path: {Bed.Dovecot.PasswdFile}}}", Bed.Dovecot));
        await ForAllAsync(async key =>
        {
            await Cluster.CreateDeviceAsync(
                Namespace, key.Name, $"{{mailbox: {key.Name}@example.com, backendRef: {{name: {BackendName}}}}}");
            await Bed.WaitForDeviceAsync(key, "Ready", "True", limit: TimeSpan.FromSeconds(60));
            return TimeSpan.Zero;
        });

        TimeSpan[] rotated = await ForAllAsync(key => ExposureAsync(key, () =>
            Cluster.AnnotateAsync(ApiGroup.MailDevices, key, Annotations.RotateAndRevoke, "leak")));
        TimeSpan[] deleted = await ForAllAsync(
            key => ExposureAsync(key, () => Cluster.DeleteAsync(ApiGroup.MailDevices, key)));

        await Cluster.DeleteAsync(ApiGroup.MailBackends, new ObjectKey("", BackendName));
        Report("rotate-and-revoke", rotated);
        Report("delete", deleted);
        TimeSpan login = _logins.Order().ElementAt(_logins.Count / 2);
        TimeSpan limit = Target + (LoginsOnTop * login);
        output.WriteLine(
            $"one login takes {login.TotalMilliseconds:F0} ms here; the limit is {limit.TotalMilliseconds:F0} ms");
        Assert.True(
            Percentile99(rotated) <= limit && Percentile99(deleted) <= limit,
            "A revoked password went on working for longer than that.");
    }

    /// <summary>
    /// The time from the request to the API server until the start of the first login that is refused.
    /// </summary>
    private async Task<TimeSpan> ExposureAsync(ObjectKey key, Func<Task> revoke)
    {
        DeviceSecret leaked = await Bed.SecretAsync(key);
        var clock = Stopwatch.StartNew();
        Assert.True(await Bed.ImapAsync(leaked));
        _logins.Add(clock.Elapsed);
        clock.Restart();
        await revoke();
        while (true)
        {
            TimeSpan begun = clock.Elapsed;
            if (!await Bed.ImapAsync(leaked))
            {
                return begun;
            }

            Assert.True(begun < TimeSpan.FromSeconds(30), $"{key} is still accepted.");
            await Task.Delay(Pause, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private async Task<TimeSpan[]> ForAllAsync(Func<ObjectKey, Task<TimeSpan>> act)
    {
        var all = new TimeSpan[Count];
        await Parallel.ForAsync(0, Count, new ParallelOptions
        {
            MaxDegreeOfParallelism = AtATime,
            CancellationToken = TestContext.Current.CancellationToken,
        },
            async (index, _) => all[index] = await act(Key($"leak{index}")));
        return [.. all.Order()];
    }

    private void Report(string what, TimeSpan[] sorted) => output.WriteLine(
        $"{what} to refusal, {Count} times: p50 {sorted[Count / 2].TotalMilliseconds:F0} ms, "
        + $"p99 {Percentile99(sorted).TotalMilliseconds:F0} ms, "
        + $"longest {sorted[^1].TotalMilliseconds:F0} ms");

    private static TimeSpan Percentile99(TimeSpan[] sorted) => sorted[(Count * 99 / 100) - 1];
}
