using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>
/// What was wrong outside a device and is corrected there is acted on at once: whoever corrected it waits, and
/// <c>kubectl wait</c> gives up after 30 s. Mutant of each: only the regular look, which comes once a minute.
/// </summary>
public sealed class CorrectedOutsideTests : OperatorTest
{
    // Less than what is left until the next regular look, on a loaded machine.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly string _backend = $"corrected-{Guid.NewGuid().ToString("N")[..8]}";
    private readonly string _folder;

    public CorrectedOutsideTests() => _folder = Path.Combine(Path.GetTempPath(), $"mo-{_backend}");

    private ObjectKey BackendKey => new("", _backend);

    [Fact]
    public async Task PasswordSource_Made_IsUsedAtOnce()
    {
        await Cluster.CreateDeviceAsync(
            Namespace, "web",
            $"{{mailbox: 'chosen-{Namespace}@example.com', "
            + "password: {valueFrom: {secretKeyRef: {name: choice, key: password}}}}");
        await WaitsAsync("web");

        await Cluster.CreateAsync(ResourceType.Secrets, Namespace, Secret("choice", $"{Guid.NewGuid():N}"));

        await ReadyAsync("web");
    }

    [Fact]
    public async Task SecretInTheWay_Removed_IsReplacedAtOnce()
    {
        await Cluster.CreateAsync(ResourceType.Secrets, Namespace, Secret("smtp", $"{Guid.NewGuid():N}"));
        await Cluster.CreateDeviceAsync(Namespace, "web", "{mailbox: web@example.com, secret: {name: smtp}}");
        await WaitsAsync("web", Reasons.SecretForeign);

        await Cluster.DeleteAsync(ResourceType.Secrets, new ObjectKey(Namespace, "smtp"));

        await ReadyAsync("web");
    }

    [Fact]
    public async Task Store_Back_IsUsedAtOnce()
    {
        await CreateBackendAsync($"{{path: {_folder}/app-passwords}}");
        await Cluster.CreateDeviceAsync(
            Namespace, "web", $"{{mailbox: web@example.com, backendRef: {{name: {_backend}}}}}");
        await WaitsAsync("web", Reasons.BackendUnavailable);
        // Until the device and the breaker wait for long.
        await Eventually.TrueAsync("the device has failed several times", async () =>
            await BackendAsync(ConditionTypes.Ready) is { } ready && (string)ready["status"]! == "False");

        Directory.CreateDirectory(_folder);
        try
        {
            await ReadyAsync("web");
        }
        finally
        {
            await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("web"));
            await GoneAsync("web");
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Fact]
    public async Task NamespaceOfThePasswdFile_Made_IsUsedAtOnce()
    {
        string late = $"{_backend}-late";
        await CreateBackendAsync($"{{secret: {{namespace: {late}, name: passwd}}}}");
        await Cluster.CreateDeviceAsync(
            Namespace, "web", $"{{mailbox: web@example.com, backendRef: {{name: {_backend}}}}}");
        await WaitsAsync("web");

        await Cluster.CreateAsync(ResourceType.Namespaces, "", $"{{metadata: {{name: {late}}}}}");

        await ReadyAsync("web");
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("web"));
        await GoneAsync("web");
        await Cluster.DeleteAsync(ResourceType.Namespaces, new ObjectKey("", late));
    }

    [Fact]
    public async Task SecretOfDoveadm_Made_IsReadAtOnce()
    {
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", TestBed.BackendYaml(
            _backend, $"{{path: {Bed.Dovecot.PasswdFile}}}", Bed.Dovecot)
            + "\n  dovecot: {doveadm: [{url: 'http://127.0.0.1:9/doveadm/v1', credentialsSecret: "
            + $"{{name: {_backend}}}}}]}}");
        await Eventually.TrueAsync("the Secret is missed", async () =>
            await BackendAsync(ConditionTypes.Ready) is { } ready && (string)ready["reason"]! == Reasons.InvalidSpec);

        await Cluster.CreateAsync(ResourceType.Secrets, ShippedRights.Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = _backend },
            ["data"] = new JsonObject { ["api-key"] = Convert.ToBase64String("key"u8) },
        });

        await Eventually.TrueAsync("the MailBackend is ready", Soon, async () =>
            await BackendAsync(ConditionTypes.Ready) is { } ready && (string)ready["status"]! == "True");
    }

    private static JsonObject Secret(string name, string password) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name },
        ["stringData"] = new JsonObject { ["password"] = password },
    };

    private Task<JsonObject> CreateBackendAsync(string passwdFile) => Cluster.CreateAsync(
        ApiGroup.MailBackends, "", TestBed.BackendYaml(_backend, passwdFile, Bed.Dovecot));

    /// <summary>Waits until the device waits, and has just looked, so that its regular look is a minute away.</summary>
    private async Task WaitsAsync(string name, string? reason = null)
    {
        await Bed.WaitForDeviceAsync(Key(name), "Ready", "False", reason);
        string token = Guid.NewGuid().ToString();
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key(name), Annotations.ReconcileRequestedAt, token);
        await Eventually.TrueAsync("it has looked again", async () =>
            (string?)(await Cluster.FindAsync(ApiGroup.MailDevices, Key(name)))!["status"]!["lastHandledReconcileAt"]
            == token);
    }

    private Task<JsonObject> ReadyAsync(string name) =>
        Bed.WaitForDeviceAsync(Key(name), "Ready", "True", limit: Soon);

    private Task<TimeSpan> GoneAsync(string name) => Eventually.TrueAsync("the device is gone", async () =>
        await Cluster.FindAsync(ApiGroup.MailDevices, Key(name)) is null);

    private async Task<JsonObject?> BackendAsync(string type) =>
        await Cluster.FindAsync(ApiGroup.MailBackends, BackendKey) is { } found
            ? (JsonObject?)Status.Condition(found, type)
            : null;
}
