using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Backends;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.CrashPoints;

/// <summary>The process was killed at this call.</summary>
internal sealed class CrashException : Exception;

internal enum CrashMoment
{
    /// <summary>The call never reaches the other side.</summary>
    BeforeSend,

    /// <summary>The other side does it, and the answer is lost.</summary>
    AfterApply,
}

/// <summary>
/// Everything outside the process: an API server with one MailDevice and its Secrets, and a mail backend. Counts the
/// outward calls, kills the process at the one that it is told, and checks after every change what must always hold.
/// </summary>
internal sealed class World : DelegatingHandler, IMailBackend
{
    public const string Namespace = "shop", Name = "grafana", Uid = "uid-a";

    private readonly Dictionary<string, Slot> _slots = [];
    private readonly Dictionary<(string Password, string Hash), bool> _verified = [];
    private readonly List<(string Selector, DateTimeOffset Until)> _promised = [];
    private readonly HashSet<string> _passwords = [];
    private int _version = 10;
    private int? _crashAt;
    private CrashMoment _moment;
    private bool _isDead;
    private (int Call, Func<Task> Act)? _interference;
    private string? _forged;
    private readonly StringBuilder _sentElsewhere = new();

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    public JsonObject? Device { get; private set; } = JsonNode.Parse($$$"""
        {"metadata":{"namespace":"{{{Namespace}}}","name":"{{{Name}}}","uid":"{{{Uid}}}","resourceVersion":"1","generation":1,"creationTimestamp":"2026-11-24T12:00:00Z"},
         "spec":{"mailbox":"alerts@example.com"}}
        """)!.AsObject();

    public SortedDictionary<string, JsonObject> Secrets { get; } = [];

    public IReadOnlyCollection<Slot> Slots => _slots.Values;

    /// <summary>Outward calls so far, and how many of them changed something.</summary>
    public int Calls { get; private set; }

    public int Changes { get; private set; }

    /// <summary>Different passwords that a Secret has shown.</summary>
    public int Passwords => _passwords.Count;

    public BackendCapabilities Capabilities =>
        BackendCapabilities.Hash | BackendCapabilities.Overlap | BackendCapabilities.Protocols | BackendCapabilities.Networks | BackendCapabilities.List;

    public string CurrentSelector => (string)Secrets.Values.Single()["metadata"]!["annotations"]![Annotations.Credential]!;

    public void CrashAt(int? call, CrashMoment moment = CrashMoment.BeforeSend)
    {
        (Calls, _crashAt, _moment, _isDead) = (0, call, moment, false);
    }

    /// <summary>At that call, before it reaches the other side, somebody else acts first.</summary>
    public void InterfereAt(int call, Func<Task> act)
    {
        CrashAt(null);
        _interference = (call, act);
    }

    /// <summary>Somebody puts a password of their own into the Secret: of that one nothing is promised.</summary>
    public void Forge(string password)
    {
        _forged = password;
        EditSecret(secret => secret["data"]!["password"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(password)));
    }

    /// <summary>What was sent anywhere but into a Secret, and what the backend holds, has no password in it.</summary>
    public void AssertNoPasswordElsewhere()
    {
        string elsewhere = _sentElsewhere + string.Join('\n', _slots.Values);
        Assert.All(_passwords, password => Assert.DoesNotContain(password, elsewhere, StringComparison.Ordinal));
        Assert.All(_passwords, password => Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(password))[..^4], elsewhere, StringComparison.Ordinal));
    }

    /// <summary>Whoever holds the current password may go on using it until then.</summary>
    public void Promise(TimeSpan time) => _promised.Add((CurrentSelector, Clock.GetUtcNow() + time));

    /// <summary>A change that a person makes.</summary>
    public void Edit(Action<JsonObject> edit)
    {
        edit(Device!);
        Device!["metadata"]!["resourceVersion"] = $"{++_version}";
        Device["metadata"]!["generation"] = (int)Device["metadata"]!["generation"]! + 1;
    }

    public void EditSecret(Action<JsonObject> edit)
    {
        edit(Secrets.Values.Single());
        Secrets.Values.Single()["metadata"]!["resourceVersion"] = $"{++_version}";
    }

    public void LoseSlots() => _slots.Clear();

    public Task<IReadOnlyList<Slot>> ListAsync(SlotOwner owner, CancellationToken cancellationToken) =>
        Task.FromResult(Call<IReadOnlyList<Slot>>(() => [.. _slots.Values]));

    public Task<IReadOnlyList<Slot>> ListAllAsync(string instance, CancellationToken cancellationToken) =>
        Task.FromResult(Call<IReadOnlyList<Slot>>(() => [.. _slots.Values]));

    public Task ApplyAsync(SlotChange change, CancellationToken cancellationToken) => Task.FromResult(Call(() =>
    {
        foreach (string selector in change.Remove)
        {
            _slots.Remove(selector);
        }

        foreach (Slot slot in change.Put)
        {
            _slots[slot.Selector] = slot;
        }

        return Changed();
    }));

    public Task RemoveAsync(SlotOwner owner, CancellationToken cancellationToken) => Task.FromResult(Call(() =>
    {
        _slots.Clear();
        return Changed();
    }));

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        string[] path = request.RequestUri!.AbsolutePath.Trim('/').Split('/');
        if (!path.Contains("secrets"))
        {
            _sentElsewhere.Append(body);
        }

        return Call(() => path.Contains("secrets") ? Secret(request.Method.Method, path[^1], body) : Patch(body));
    }

    private T Call<T>(Func<T> apply)
    {
        if (_isDead)
        {
            throw new CrashException();
        }

        bool isTheOne = ++Calls == _crashAt;
        if (_interference is { } interference && interference.Call == Calls)
        {
            _interference = null;
            interference.Act().GetAwaiter().GetResult(); // the call under way stands still meanwhile
        }

        _isDead = isTheOne;
        if (isTheOne && _moment == CrashMoment.BeforeSend)
        {
            throw new CrashException();
        }

        T result = apply();
        return isTheOne ? throw new CrashException() : result;
    }

    private bool Changed()
    {
        Changes++;
        CheckWhatMustAlwaysHold();
        return true;
    }

    /// <summary>A password that can be read is accepted; one that was promised an overlap is too.</summary>
    private void CheckWhatMustAlwaysHold()
    {
        bool isEnding = Device?["metadata"]!["deletionTimestamp"] is not null || Device?["spec"]!["expiry"] is not null;
        foreach (JsonObject secret in Secrets.Values)
        {
            string password = Encoding.UTF8.GetString(Convert.FromBase64String((string)secret["data"]!["password"]!));
            _passwords.Add(password);
            Assert.True(
                isEnding || password == _forged || (_slots.TryGetValue(password[..6], out Slot? slot) && Verify(password, slot.Hash)),
                $"At call {Calls} the Secret shows {password[..6]}, which the backend does not accept.");
        }

        Assert.All(_promised, promise => Assert.True(
            isEnding || Clock.GetUtcNow() >= promise.Until || _slots.ContainsKey(promise.Selector), $"At call {Calls} {promise.Selector} ended before its overlap."));
    }

    private bool Verify(string password, string hash)
    {
        if (!_verified.TryGetValue((password, hash), out bool isRight))
        {
            _verified[(password, hash)] = isRight = BCrypt.Net.BCrypt.Verify(password, hash);
        }

        return isRight;
    }

    private HttpResponseMessage Secret(string method, string name, string body)
    {
        Secrets.TryGetValue(name, out JsonObject? found);
        if (method == "POST")
        {
            JsonObject made = JsonNode.Parse(body)!.AsObject();
            name = (string)made["metadata"]!["name"]!;
            return Secrets.ContainsKey(name) ? Refuse(HttpStatusCode.Conflict, "AlreadyExists") : Stored(name, made, $"secret-{++_version}");
        }

        if (found is null)
        {
            return Refuse(HttpStatusCode.NotFound, "NotFound");
        }

        JsonObject metadata = found["metadata"]!.AsObject();
        switch (method)
        {
            case "GET":
                return Reply(found);
            case "DELETE":
                if ((string?)JsonNode.Parse(body)!["preconditions"]!["uid"] != (string)metadata["uid"]!)
                {
                    return Refuse(HttpStatusCode.Conflict, "Conflict");
                }

                Secrets.Remove(name);
                Changed();
                return Reply([]);
            default:
                JsonObject patch = JsonNode.Parse(body)!.AsObject();
                if ((string?)patch["metadata"]!["resourceVersion"] != (string)metadata["resourceVersion"]! || (string?)patch["metadata"]!["uid"] != (string)metadata["uid"]!)
                {
                    return Refuse(HttpStatusCode.Conflict, "Conflict");
                }

                return Stored(name, Merge(found.DeepClone().AsObject(), patch), (string)metadata["uid"]!);
        }
    }

    private HttpResponseMessage Stored(string name, JsonObject secret, string uid)
    {
        secret["metadata"]!["uid"] = uid;
        secret["metadata"]!["namespace"] = Namespace;
        secret["metadata"]!["resourceVersion"] = $"{++_version}";
        Secrets[name] = secret;
        Changed();
        return Reply(secret);
    }

    /// <summary>A JSON patch of the device: finalizers, or the status.</summary>
    private HttpResponseMessage Patch(string body)
    {
        if (Device is null)
        {
            return Refuse(HttpStatusCode.NotFound, "NotFound");
        }

        foreach (JsonNode? operation in JsonNode.Parse(body)!.AsArray())
        {
            string op = (string)operation!["op"]!, at = (string)operation["path"]!;
            JsonArray? finalizers = Device["metadata"]!["finalizers"]?.AsArray();
            bool holds = op != "test" || (at.StartsWith("/metadata/finalizers/", StringComparison.Ordinal)
                ? (string?)finalizers?[int.Parse(at.Split('/')[^1])] == (string?)operation["value"]
                : (string?)Device["metadata"]![at.Split('/')[^1]] == (string?)operation["value"]);
            if (!holds)
            {
                return Refuse(HttpStatusCode.UnprocessableEntity, "Invalid", "the test failed");
            }

            if (op == "add" && at == "/status")
            {
                Device["status"] = operation["value"]!.DeepClone();
            }
            else if (op == "add")
            {
                Device["metadata"]!["finalizers"] = operation["value"]!.DeepClone();
            }
            else if (op == "remove")
            {
                finalizers!.RemoveAt(int.Parse(at.Split('/')[^1]));
            }
        }

        Device["metadata"]!["resourceVersion"] = $"{++_version}";
        if (Device["metadata"]!["deletionTimestamp"] is not null && Device["metadata"]!["finalizers"]?.AsArray() is not { Count: > 0 })
        {
            Device = null;
        }

        Changed();
        return Reply(Device ?? []);
    }

    private static JsonObject Merge(JsonObject target, JsonObject patch)
    {
        foreach ((string key, JsonNode? value) in patch)
        {
            if (value is null)
            {
                target.Remove(key);
            }
            else
            {
                target[key] = value is JsonObject inner && target[key] is JsonObject present ? Merge(present.DeepClone().AsObject(), inner) : value.DeepClone();
            }
        }

        return target;
    }

    private static HttpResponseMessage Reply(JsonObject body) => new(HttpStatusCode.OK) { Content = new StringContent(body.ToJsonString()) };

    private static HttpResponseMessage Refuse(HttpStatusCode code, string reason, string message = "") => new(code)
    {
        Content = new StringContent($$"""{"kind":"Status","code":{{(int)code}},"reason":"{{reason}}","message":"{{message}}"}"""),
    };
}
