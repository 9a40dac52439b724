using System.Text;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.MailDevices;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.Servers;

/// <summary>What comes between the operator and its database, said where people look, and made good without a restart.</summary>
public sealed class SqlAvailabilityTests : OperatorTest
{
    private readonly string _backend = $"sql-{Guid.NewGuid().ToString("N")[..8]}";
    private DatabaseServer _database = null!;

    [Theory]
    [InlineData("postgresql")]
    [InlineData("mariadb")]
    public async Task Credentials_MissingThenThereThenRotated_AreFollowed(string engine)
    {
        // Mutants: a Secret that is not there counts as a database that is away; credentials are read once.
        await CreateBackendAsync(engine);
        await Cluster.CreateDeviceAsync(Namespace, "early", Device("early"));
        JsonObject early = await Bed.WaitForDeviceAsync(Key("early"), "Ready", "False", Reasons.BackendUnauthorized);
        Assert.Contains($"Secret {ShippedRights.Namespace}/{_backend} with the credentials for the database does not exist; create it", Message(early));
        await BackendAsync("False", Reasons.BackendUnauthorized);

        await SqlBackends.CreateSecretAsync(Cluster, _backend, _database.OperatorPassword);
        await LookAsync("early");
        await Bed.WaitForDeviceAsync(Key("early"), "Ready", "True", Reasons.Issued);

        string rotated = $"{Guid.NewGuid():N}";
        await _database.ChangeOperatorPasswordAsync(rotated);
        try
        {
            await SetPasswordAsync(rotated);
            await Cluster.CreateDeviceAsync(Namespace, "late", Device("late"));
            await Bed.WaitForDeviceAsync(Key("late"), "Ready", "True", Reasons.Issued);
        }
        finally
        {
            await _database.ChangeOperatorPasswordAsync(_database.OperatorPassword);
            await SetPasswordAsync(_database.OperatorPassword);
        }
    }

    [Theory]
    [InlineData("postgresql")]
    [InlineData("mariadb")]
    public async Task Database_FrozenThenBack_IssuesWithoutARestart(string engine)
    {
        // Mutants: a pass hangs with the database; it is not tried again.
        await SqlBackends.CreateSecretAsync(Cluster, _backend, (await DatabaseServer.GetAsync(engine)).OperatorPassword);
        await (await DatabaseServer.GetAsync(engine)).SignalAsync("STOP");
        try
        {
            await CreateBackendAsync(engine);
            await Cluster.CreateDeviceAsync(Namespace, "waiting", Device("waiting"));
            JsonObject waiting = await Bed.WaitForDeviceAsync(Key("waiting"), "Ready", "False", Reasons.BackendUnavailable);
            Assert.Contains($"localhost:{_database.Port}", Message(waiting));
            await BackendAsync("False", Reasons.BackendUnavailable);
        }
        finally
        {
            await _database.SignalAsync("CONT");
        }

        await Bed.WaitForDeviceAsync(Key("waiting"), "Ready", "True", Reasons.Issued, TimeSpan.FromSeconds(40));
        await Cluster.AnnotateAsync(ApiGroup.MailBackends, new ObjectKey("", _backend), Annotations.ReconcileRequestedAt, "now");
        await BackendAsync("True", Reasons.BackendReady);
    }

    private string Device(string name) => $"{{mailbox: {name}-{_backend}@example.com, backendRef: {{name: {_backend}}}}}";

    private static string Message(JsonObject device) => (string)Status.Condition(device, "Ready")!["message"]!;

    private async Task CreateBackendAsync(string engine)
    {
        _database = await DatabaseServer.GetAsync(engine);
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", SqlBackends.Yaml(_backend, _database, Bed.Dovecot));
    }

    private Task<TimeSpan> BackendAsync(string ready, string reason) =>
        Eventually.TrueAsync($"MailBackend {_backend} has Ready={ready} {reason}", TimeSpan.FromSeconds(20), async () =>
            Status.Condition((await Cluster.FindAsync(ApiGroup.MailBackends, new ObjectKey("", _backend)))!, "Ready") is { } condition
            && (string)condition["status"]! == ready && (string)condition["reason"]! == reason);

    private Task<JsonObject> SetPasswordAsync(string password) => Cluster.MergeAsync(
        ResourceType.Secrets, new ObjectKey(ShippedRights.Namespace, _backend),
        new JsonObject { ["data"] = new JsonObject { ["password"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(password)) } }.ToJsonString());

    /// <summary>The operator would look by itself, a little later.</summary>
    private Task LookAsync(string name) =>
        Cluster.AnnotateAsync(ApiGroup.MailDevices, Key(name), Annotations.ReconcileRequestedAt, Guid.NewGuid().ToString());
}
