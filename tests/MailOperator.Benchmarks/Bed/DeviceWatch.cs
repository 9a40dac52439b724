using System.Diagnostics;
using System.Text.Json;

namespace MailOperator.Benchmarks.Bed;

/// <summary>Watches the MailDevices of a namespace and notes when what is expected of each is seen.</summary>
internal sealed class DeviceWatch : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<Expectation> _expectations = [];
    private readonly Task _reading;

    private DeviceWatch(Stream events) => _reading = ReadAsync(events);

    public static async Task<DeviceWatch> StartAsync(BareApi api, string @namespace)
    {
        string path = $"/apis/mailoperator.io/v1alpha1/namespaces/{@namespace}/maildevices";
        using var list = JsonDocument.Parse(await api.SendAsync(HttpMethod.Get, $"{path}?limit=1"));
        string version = list.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;
        return new DeviceWatch(await api.OpenAsync(
            $"{path}?watch=1&timeoutSeconds=3600&resourceVersion={version}", CancellationToken.None));
    }

    /// <summary>Begins to look; call it before what makes it true.</summary>
    /// <param name="names">The devices.</param>
    /// <param name="isSeen">Whether an event (its type, and the object) is what is expected.</param>
    public Expectation Expect(IEnumerable<string> names, Func<string, JsonElement, bool> isSeen)
    {
        var expectation = new Expectation(names, isSeen);
        lock (_lock)
        {
            _expectations.Add(expectation);
        }

        return expectation;
    }

    public static bool IsReady(string type, JsonElement device) =>
        type != "DELETED"
        && device.TryGetProperty("status", out JsonElement status)
        && status.TryGetProperty("conditions", out JsonElement conditions)
        && conditions.EnumerateArray().Any(static one =>
            one.GetProperty("type").ValueEquals("Ready") && one.GetProperty("status").ValueEquals("True"));

    public static bool IsDeleted(string type, JsonElement device) => type == "DELETED";

    public static Func<string, JsonElement, bool> HasRotated(string token) => (_, device) =>
        device.TryGetProperty("status", out JsonElement status)
        && status.TryGetProperty("lastHandledRotation", out JsonElement handled) && handled.ValueEquals(token);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task ReadAsync(Stream events)
    {
        using var lines = new StreamReader(events);
        while (await lines.ReadLineAsync(_stop.Token) is { } line)
        {
            long now = Stopwatch.GetTimestamp();
            using var document = JsonDocument.Parse(line);
            string type = document.RootElement.GetProperty("type").GetString()!;
            JsonElement device = document.RootElement.GetProperty("object");
            lock (_lock)
            {
                if (type == "ERROR")
                {
                    _expectations.ForEach(one => one.Fail($"The watch ended: {line}"));
                    return;
                }

                _expectations.ForEach(one => one.See(type, device, now));
                _expectations.RemoveAll(static one => one.Done.IsCompleted);
            }
        }
    }
}

/// <summary>What is expected of some devices.</summary>
internal sealed class Expectation(IEnumerable<string> names, Func<string, JsonElement, bool> isSeen)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<string> _missing = [.. names];

    /// <summary>When each was seen, by <see cref="Stopwatch.GetTimestamp"/>. Read it when all are.</summary>
    public Dictionary<string, long> SeenAt { get; } = [];

    /// <summary>All were seen.</summary>
    public Task Done => _done.Task;

    /// <exception cref="TimeoutException">Some were not seen in time; the message says how many.</exception>
    public async Task WaitAsync(string what, TimeSpan limit)
    {
        try
        {
            await Done.WaitAsync(limit, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"After {limit.TotalSeconds:0} s {_missing.Count} are not {what}.");
        }
    }

    internal void See(string type, JsonElement device, long now)
    {
        string name = device.GetProperty("metadata").GetProperty("name").GetString()!;
        if (!_missing.Contains(name) || !isSeen(type, device))
        {
            return;
        }

        _missing.Remove(name);
        SeenAt[name] = now;
        if (_missing.Count == 0)
        {
            _done.TrySetResult();
        }
    }

    internal void Fail(string why) => _done.TrySetException(new InvalidOperationException(why));
}
