using System.Text;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.MailDevices;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.Servers;

/// <summary>
/// Faults between the operator and its server are reported in the status and recovered from without a restart.
/// </summary>
public abstract class LookupAvailabilityTests : OperatorTest
{
    private readonly string _backend = $"lookup-{Guid.NewGuid().ToString("N")[..8]}";
    private ILookupServer _server = null!;

    [Fact]
    public async Task Credentials_MissingThenThereThenRotated_AreFollowed()
    {
        // Mutants: a missing Secret is reported as an unavailable server; credentials are read only once.
        await CreateBackendAsync(withSecret: false);
        await CreateDeviceAsync("early");
        JsonObject early = await Bed.WaitForDeviceAsync(Key("early"), "Ready", "False", Reasons.BackendUnauthorized);
        Assert.Contains(
            $"Secret {ShippedRights.Namespace}/{_backend} with the credentials for the {_server.Kind} does not "
            + "exist; create it", Message(early));
        await BackendAsync("False", Reasons.InvalidSpec); // a Secret that is missing is for its author to mend

        await _server.CreateSecretAsync(Cluster, _backend, _server.OperatorPassword);
        await LookAsync("early");
        await Bed.WaitForDeviceAsync(Key("early"), "Ready", "True", Reasons.Issued);

        string rotated = $"{Guid.NewGuid():N}";
        await _server.ChangeOperatorPasswordAsync(rotated);
        try
        {
            await SetPasswordAsync(rotated);
            await CreateDeviceAsync("late");
            await Bed.WaitForDeviceAsync(Key("late"), "Ready", "True", Reasons.Issued);
        }
        finally
        {
            await _server.ChangeOperatorPasswordAsync(_server.OperatorPassword);
            await SetPasswordAsync(_server.OperatorPassword);
        }
    }

    [Fact]
    public async Task Server_FrozenThenBack_IssuesWithoutARestart()
    {
        // Mutants: a reconcile hangs with the server; it is not retried.
        ILookupServer server = await ServerAsync();
        await server.FreezeAsync();
        try
        {
            await CreateBackendAsync();
            await CreateDeviceAsync("waiting");
            await SaysUnavailableAsync("waiting");
        }
        finally
        {
            await server.ThawAsync();
        }

        await IssuesAgainAsync("waiting");
    }

    [Fact]
    public async Task Server_ReadOnly_IsUnavailableAndNobodyIsToldThatAPasswordWasRefused()
    {
        // Mutants: a store that answers is ready; "read-only" counts as a refusal of this password.
        ILookupServer server = await ServerAsync();
        await CreateBackendAsync();
        await CreateDeviceAsync("early");
        await Bed.WaitForDeviceAsync(Key("early"), "Ready", "True", Reasons.Issued);
        await server.SetReadOnlyAsync(true);
        try
        {
            await CreateDeviceAsync("waiting");
            await SaysUnavailableAsync("waiting");
            await Cluster.MergeAsync(ApiGroup.MailDevices, Key("early"), "{spec: {suspended: true}}");
            JsonObject early = await Bed.WaitForDeviceAsync(Key("early"), "Ready", "False", Reasons.BackendUnavailable);
            Assert.Contains("read-only", Message(early), StringComparison.Ordinal);
        }
        finally
        {
            await server.SetReadOnlyAsync(false);
        }

        await IssuesAgainAsync("waiting");
        await Bed.WaitForDeviceAsync(Key("early"), "Ready", "False", Reasons.Suspended);
    }

    internal abstract Task<ILookupServer> ServerAsync();

    /// <summary>The status of the device and of the MailBackend names the server that cannot be used.</summary>
    private protected async Task SaysUnavailableAsync(string name)
    {
        await Bed.WaitForDeviceAsync(
            Key(name), "Ready", "False", Reasons.BackendUnavailable, says: [$"localhost:{_server.Port}"]);
        await Cluster.AnnotateAsync(
            ApiGroup.MailBackends, new ObjectKey("", _backend), Annotations.ReconcileRequestedAt, $"{name} waits");
        await BackendAsync("False", Reasons.BackendUnavailable);
    }

    private protected async Task IssuesAgainAsync(string name)
    {
        await Bed.WaitForDeviceAsync(Key(name), "Ready", "True", Reasons.Issued);
        await Cluster.AnnotateAsync(
            ApiGroup.MailBackends, new ObjectKey("", _backend), Annotations.ReconcileRequestedAt, $"{name} is there");
        await BackendAsync("True", Reasons.BackendReady);
    }

    private protected Task CreateDeviceAsync(string name) =>
        Cluster.CreateDeviceAsync(
            Namespace, name, $"{{mailbox: {name}-{_backend}@example.com, backendRef: {{name: {_backend}}}}}");

    private protected async Task CreateBackendAsync(bool withSecret = true)
    {
        _server = await ServerAsync();
        if (withSecret)
        {
            await _server.CreateSecretAsync(Cluster, _backend, _server.OperatorPassword);
        }

        await Cluster.CreateAsync(ApiGroup.MailBackends, "", _server.BackendYaml(_backend, Bed.Dovecot));
    }

    private static string Message(JsonObject device) => (string)Status.Condition(device, "Ready")!["message"]!;

    private Task<TimeSpan> BackendAsync(string ready, string reason) =>
        Eventually.TrueAsync($"MailBackend {_backend} has Ready={ready} {reason}", async () =>
            Status.Condition(
                (await Cluster.FindAsync(ApiGroup.MailBackends, new ObjectKey("", _backend)))!,
                "Ready") is { } condition
            && (string)condition["status"]! == ready && (string)condition["reason"]! == reason);

    private Task<JsonObject> SetPasswordAsync(string password) => Cluster.MergeAsync(
        ResourceType.Secrets, new ObjectKey(ShippedRights.Namespace, _backend),
        new JsonObject
        {
            ["data"] = new JsonObject { ["password"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(password)) },
        }.ToJsonString());

    /// <summary>Triggers what the operator would do by itself a little later.</summary>
    private Task LookAsync(string name) =>
        Cluster.AnnotateAsync(
            ApiGroup.MailDevices, Key(name), Annotations.ReconcileRequestedAt, Guid.NewGuid().ToString());
}
