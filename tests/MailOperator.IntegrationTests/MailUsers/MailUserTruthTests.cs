using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.MailDevices;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailUsers;

/// <summary>A MailUser says what is so at the mail system, and which of its devices do not follow it.</summary>
public sealed class MailUserTruthTests : OperatorTest
{
    private const string BrokenTemplate = "{spec: {secret: {data: {config: '{{ .Nothing }}'}}}}";

    private readonly string _backend = $"truth-{Guid.NewGuid().ToString("N")[..8]}";

    [Fact]
    public async Task Suspended_WhileATemplateIsWrong_IsReadyOnceAllAreRefusedAndNotReadyWhileOneStaysRefused()
    {
        // Mutants: Ready from the spec alone; a lifted suspension counts as done where something holds the device back.
        await CreateUserAsync();
        DeviceSecret phone = await IssueAsync("phone", "backendRef: null"), broken = await IssueAsync(
            "broken", "backendRef: null");
        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("broken"), BrokenTemplate);
        await Bed.WaitForDeviceAsync(Key("broken"), "Ready", "False", Reasons.InvalidSpec);

        await ChangeAsync("{suspended: true}");
        JsonObject suspended = await UserAsync("True", Reasons.UserSuspended, "all its devices (2)");
        Assert.Equal(2, (int)suspended["status"]!["followingDevices"]!);
        await Eventually.TrueAsync("both are refused", async () =>
            !await Bed.ImapAsync(phone) && !await Bed.ImapAsync(broken));

        await ChangeAsync("{suspended: false}");
        await Eventually.TrueAsync("the device that is right works", () => Bed.ImapAsync(phone));
        JsonObject lifted = await UserAsync(
            "False", Reasons.DevicesPending, "1 of its 2 devices do not follow it yet: broken (");
        Assert.Equal(1, (int)lifted["status"]!["followingDevices"]!);
        Assert.False(await Bed.ImapAsync(broken));

        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("broken"), "{spec: {secret: null}}");
        await UserAsync("True", Reasons.UserReady, "restricts none of its devices (2)");
        await Eventually.TrueAsync("both work", () => Bed.ImapAsync(broken));
    }

    [Fact]
    public async Task SendingAllowedAgain_WhileADeviceIsPaused_IsNotReadyUntilItMaySend()
    {
        // Mutant: judge the version of the user alone. A pause lets the end act and holds back its lifting.
        await CreateUserAsync();
        DeviceSecret phone = await IssueAsync("phone", "backendRef: null");
        await ChangeAsync("{sending: Denied}");
        await Eventually.TrueAsync("it may not send", async () => !await SendsAsync(phone));
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("phone"), Annotations.Paused, "true");
        await Bed.WaitForDeviceAsync(Key("phone"), "Ready", "True", Reasons.Paused);

        await ChangeAsync("{sending: Allowed}");
        await UserAsync("False", Reasons.DevicesPending, "1 of its 1 devices do not follow it yet: phone (");
        Assert.False(await SendsAsync(phone));

        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("phone"), Annotations.Paused, null);
        await UserAsync("True", Reasons.UserReady, "(1)");
        await Eventually.TrueAsync("it may send", () => SendsAsync(phone));
    }

    [Fact]
    public async Task Suspended_WhileABackendIsAway_NamesTheDeviceUntilItFollows()
    {
        string folder = Path.Combine(Bed.Operator.Folder, _backend);
        Directory.CreateDirectory(folder);
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", TestBed.BackendYaml(
            _backend, $"{{path: {Path.Combine(folder, "app-passwords")}}}", Bed.Dovecot));
        await CreateUserAsync();
        await IssueAsync("phone", "backendRef: null");
        await IssueAsync("away", $"backendRef: {{name: {_backend}}}");
        Directory.Move(folder, $"{folder}.away");

        await ChangeAsync("{suspended: true}");
        JsonObject user = await UserAsync("False", Reasons.DevicesPending, "away (The suspension of MailUser 'ada'");
        Assert.DoesNotContain("phone", (string)Status.Condition(user, "RevocationPending")!["message"]!);
        await WarnedAsync();
        await Eventually.TrueAsync("it is counted", async () => Regex.IsMatch(
            await Bed.Operator.MetricsAsync(), """mail_operator_blocked_ends\{[^}]*kind="MailUser"[^}]*\} [1-9]"""));

        Directory.Move($"{folder}.away", folder);
        user = await UserAsync("True", Reasons.UserSuspended, "(2)", TimeSpan.FromMinutes(2));
        Assert.Null(Status.Condition(user, "RevocationPending"));
    }

    [Fact]
    public async Task Suspended_WhileAMailServerCannotBeTold_NamesTheDevice()
    {
        await Cluster.CreateAsync(ResourceType.Secrets, ShippedRights.Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = _backend },
            ["data"] = new JsonObject { ["api-key"] = Convert.ToBase64String("key"u8) },
        });
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", TestBed.BackendYaml(
            _backend, $"{{path: {Bed.Dovecot.PasswdFile}}}", Bed.Dovecot)
            + "\n  dovecot: {doveadm: [{url: 'http://127.0.0.1:9/doveadm/v1', credentialsSecret: "
            + $"{{name: {_backend}}}}}]}}");
        await CreateUserAsync();
        await IssueAsync("phone", $"backendRef: {{name: {_backend}}}");

        await ChangeAsync("{suspended: true}");
        await UserAsync("False", Reasons.DevicesPending, "phone (");
        await WarnedAsync();

        await Cluster.MergeAsync(ApiGroup.MailBackends, new ObjectKey("", _backend), "{spec: {dovecot: null}}");
        await UserAsync("True", Reasons.UserSuspended, "(1)", TimeSpan.FromMinutes(2));
    }

    private Task<bool> SendsAsync(DeviceSecret secret) =>
        MailLogin.SubmissionAsync(Bed.Dovecot.SubmissionPort, secret["username"], secret["password"]);

    private async Task CreateUserAsync()
    {
        await Cluster.CreateAsync(ApiGroup.MailUsers, Namespace, "{metadata: {name: ada}, spec: {}}");
        await UserAsync("True", Reasons.UserReady, "(0)");
    }

    private Task<JsonObject> ChangeAsync(string spec) =>
        Cluster.MergeAsync(ApiGroup.MailUsers, Key("ada"), $"{{spec: {spec}}}");

    private async Task<DeviceSecret> IssueAsync(string name, string backend)
    {
        await Cluster.CreateDeviceAsync(
            Namespace, name, $"{{mailbox: {name}-{_backend}@example.com, userRef: {{name: ada}}, {backend}}}");
        await Bed.WaitForDeviceAsync(Key(name), "Ready", "True");
        return await Bed.SecretAsync(Key(name));
    }

    /// <summary>Waits for a Ready of the user's present generation, as kubectl wait does.</summary>
    private Task<JsonObject> UserAsync(string status, string reason, string says, TimeSpan? limit = null) =>
        Eventually.GetAsync($"the MailUser has Ready={status} {reason}", limit ?? Eventually.Patience, async () =>
            await Cluster.FindAsync(ApiGroup.MailUsers, Key("ada")) is { } user
            && Status.Condition(user, "Ready") is { } ready
            && ((string)ready["status"]!, (string)ready["reason"]!) == (status, reason)
            && ((string)ready["message"]!).Contains(says, StringComparison.Ordinal)
            && (long)ready["observedGeneration"]! == (long)user["metadata"]!["generation"]!
                ? user
                : null);

    private Task<TimeSpan> WarnedAsync() => Eventually.TrueAsync("a Warning event of the MailUser says so", async () =>
        (await Cluster.ListAsync(ResourceType.Events, Namespace)).Any(static one =>
            (string)one["involvedObject"]!["kind"]! == "MailUser"
            && (string)one["reason"]! == Reasons.RevocationBlocked));
}
