using System.Diagnostics;
using System.Text.Json;

namespace MailOperator.Benchmarks.Bed;

/// <summary>Watches the MailDevices of a namespace and notes when what is expected of each is seen.</summary>
internal sealed class DeviceWatch : IAsyncDisposable
{
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<Expectation> _expectations = [];
    private readonly Task _reading;
    private Exception? _failure;
    private string _version;

    private DeviceWatch(BareApi api, string path, string version)
    {
        _version = version;
        _reading = ReadAsync(api, path);
    }

    public static async Task<DeviceWatch> StartAsync(BareApi api, string @namespace)
    {
        string path = $"/apis/mailoperator.io/v1alpha1/namespaces/{@namespace}/maildevices";
        using var list = JsonDocument.Parse(await api.SendAsync(HttpMethod.Get, $"{path}?limit=1"));
        return new DeviceWatch(api, path, VersionOf(list.RootElement));
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
            if (_failure is { } why)
            {
                expectation.Fail(why);
            }
        }

        return expectation;
    }

    public static bool IsReady(string type, JsonElement device) =>
        type != "DELETED"
        && device.TryGetProperty("status", out JsonElement status)
        && status.TryGetProperty("conditions", out JsonElement conditions)
        && conditions.EnumerateArray().Any(static one =>
            one.GetProperty("type").ValueEquals("Ready") && one.GetProperty("status").ValueEquals("True"));

    public static bool IsDeleted(string type, JsonElement _) => type == "DELETED";

    public static Func<string, JsonElement, bool> HasRotated(string token) => (_, device) =>
        device.TryGetProperty("status", out JsonElement status)
        && status.TryGetProperty("lastHandledRotation", out JsonElement handled) && handled.ValueEquals(token);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    // A server ends a watch when it likes, or only falls silent; the next one goes on from the last event.
    private async Task ReadAsync(BareApi api, string path)
    {
        while (!_stop.IsCancellationRequested)
        {
            using var silence = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            try
            {
                silence.CancelAfter(MaxSilence);
                await using Stream events = await api.OpenAsync(
                    $"{path}?watch=1&timeoutSeconds=600&resourceVersion={_version}", silence.Token);
                using var lines = new StreamReader(events);
                while (await lines.ReadLineAsync(silence.Token) is { } line)
                {
                    silence.CancelAfter(MaxSilence);
                    if (!See(line, Stopwatch.GetTimestamp()))
                    {
                        await ListAsync(api, path);
                        break;
                    }
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                // The next one goes on.
            }
            catch (Exception e)
            {
                Fail(e);
                return;
            }
        }
    }

    // After a long silence the server no longer knows the last event's version.
    private async Task ListAsync(BareApi api, string path)
    {
        using var list = JsonDocument.Parse(await api.SendAsync(HttpMethod.Get, path, stop: _stop.Token));
        long now = Stopwatch.GetTimestamp();
        foreach (JsonElement device in list.RootElement.GetProperty("items").EnumerateArray())
        {
            See("MODIFIED", device, now);
        }

        _version = VersionOf(list.RootElement);
    }

    /// <summary>False if the watch has to begin anew.</summary>
    private bool See(string line, long now)
    {
        using var document = JsonDocument.Parse(line);
        string type = document.RootElement.GetProperty("type").GetString()!;
        JsonElement device = document.RootElement.GetProperty("object");
        if (type == "ERROR")
        {
            return false;
        }

        _version = VersionOf(device);
        See(type, device, now);
        return true;
    }

    private static string VersionOf(JsonElement one) =>
        one.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;

    private void See(string type, JsonElement device, long now)
    {
        lock (_lock)
        {
            _expectations.ForEach(one => one.See(type, device, now));
            _expectations.RemoveAll(static one => one.Done.IsCompleted);
        }
    }

    private void Fail(Exception why)
    {
        lock (_lock)
        {
            _failure = why;
            _expectations.ForEach(one => one.Fail(why));
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

    internal void Fail(Exception why) => _done.TrySetException(why);
}
