using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>
/// What an operation costs the API server, counted in its audit log. On a large cluster the calls are the limit.
/// </summary>
public sealed class CallCountTests(ITestOutputHelper output) : OperatorTest
{
    private const int Devices = 5;

    [Fact]
    public async Task Operations_OfADevice_HaveTheirCalls()
    {
        long start = AuditLog.Position;
        for (int number = 0; number < Devices; number++)
        {
            await Cluster.CreateDeviceAsync(Namespace, $"d{number}", $"{{mailbox: {Namespace}@example.com}}");
            await Bed.WaitForDeviceAsync(Key($"d{number}"), "Ready", "True");
        }

        // Mutants: a status before the password, a look for a Secret that cannot be there, a status written again.
        await AssertCallsAsync(start, "create", "finalizer, Secret, status, event", 4);

        long rotated = AuditLog.Position;
        for (int number = 0; number < Devices; number++)
        {
            await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key($"d{number}"), Annotations.Rotate, "now");
            await Eventually.TrueAsync("it has rotated", async () =>
                (string?)(await Cluster.FindAsync(ApiGroup.MailDevices, Key($"d{number}")))!["status"]!
                    ["lastHandledRotation"] == "now");
        }

        await AssertCallsAsync(rotated, "rotate", "Secret, status, event", 3);

        long deleted = AuditLog.Position;
        for (int number = 0; number < Devices; number++)
        {
            await Cluster.DeleteAsync(ApiGroup.MailDevices, Key($"d{number}"));
            await Eventually.TrueAsync("it is gone", async () =>
                await Cluster.FindAsync(ApiGroup.MailDevices, Key($"d{number}")) is null);
        }

        await AssertCallsAsync(deleted, "delete", "Secret, finalizer, event", 3);
    }

    private async Task AssertCallsAsync(long since, string operation, string expected, int calls)
    {
        AuditedRequest[] made = [];
        // The events come last.
        await Eventually.TrueAsync("an event of each device", () =>
        {
            made = [.. AuditLog.Requests(since).Where(request => request.Namespace == Namespace)];
            return Task.FromResult(made.Count(static request => request.Resource == "events") >= Devices);
        });
        string counted = string.Join(", ", made
            .GroupBy(static request => $"{request.Verb} {request.Resource} {request.Code}")
            .Select(static group => $"{group.Count()} {group.Key}"));
        output.WriteLine($"{operation}: {made.Length / (double)Devices:F1} calls ({counted})");
        Assert.True(made.Length <= calls * Devices, $"{operation}: {counted}, and not {Devices} times {expected}.");
    }
}
