using System.Text.Json;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Infomaniak;
using MailOperator.Backends.Ldap;
using MailOperator.Backends.PasswdFile;
using MailOperator.Backends.Sql;
using MailOperator.Backends.Webhook;
using MailOperator.DeviceInvitations;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Spec;
using MailOperator.MailUsers;
using MailOperator.Reporting;
using MailOperator.Tests;
using MailOperator.UnitTests.Hosting;
using MailOperator.UnitTests.Kubernetes;
using MailOperator.UnitTests.MailDevices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace MailOperator.UnitTests.Fuzzing;

/// <summary>
/// Objects of all kinds with random values in them, as an old API server lets them through. Whatever they hold, nothing
/// is thrown, and no message has what only a programmer understands.
/// </summary>
public sealed class MessageFuzzTests : IDisposable
{
    private const int Rounds = 1000;

    private static readonly JsonObject Device = Parse(
        """
        {metadata: {name: a, namespace: shop, uid: u, generation: 2, creationTimestamp: '2026-11-01T00:00:00Z'},
         spec: {backendRef: {name: b}, mailbox: a@example.com, displayName: A, deviceType: Phone, userRef: {name: ada},
          protocols: [IMAP, SMTP], allowedNetworks: [10.0.0.0/8], suspended: false, deletionPolicy: Retain,
          password: {length: 32, alphabet: Lowercase, valueFrom: {secretKeyRef: {name: s, key: k}}},
          secret: {name: s, type: Opaque, labels: {a: b}, annotations: {a: b}, data: {A: '{{ host }}'}},
          rotation: {interval: 90d, overlap: 1h, window: {cron: 0 2 * * SUN, duration: 4h, timeZone: Europe/Zurich}},
          expiry: {at: '2027-01-01T00:00:00Z', after: 7d}, rolloutRestartTargets: [{kind: Deployment, name: d}]},
         status: {observedGeneration: 1, backend: b, epoch: 1, lastHandledRotation: x, issuedAt: '2026-11-01T00:00:00Z',
          expiresAt: '2027-11-01T00:00:00Z', credentials: [{id: aaaaaa, state: Retiring,
          retireAt: '2027-11-01T00:00:00Z'}], conditions: [{type: Ready, status: 'True', reason: Issued, message: x,
          lastTransitionTime: '2026-11-01T00:00:00Z'}]}}
        """);

    private static readonly JsonObject Backend = Parse(
        """
        {metadata: {name: b, uid: u, generation: 1},
         spec: {passwdFile: {path: /a/b},
          client: {imap: {host: a, port: 993, security: TLS}, smtp: {host: a, port: 465}},
          grants: [{mailboxes: ['*@example.com'], namespaces: {names: [shop], selector: {matchLabels: {a: b},
          matchExpressions: [{key: a, operator: In, values: [b]}]}}, maxDevicesPerMailbox: 5, retention: Allowed}],
          expiry: {after: 30d, maximum: 365d}, grantWithdrawn: Revoke, hashing: {workFactor: 10}, verification: Login,
          dovecot: {doveadm: [{url: 'https://a', credentialsSecret: {name: d}, authCache: Flush}]},
          maxRotationsPerMinute: 60, orphans: {policy: Remove, grace: 24h},
          rotation: {interval: 90d, overlap: 1h, window: {cron: 0 2 * * SUN, duration: 4h, timeZone: UTC}}}}
        """);

    private static readonly JsonObject User = Parse(
        """
        {metadata: {name: ada, namespace: shop, uid: u, generation: 1},
         spec: {displayName: Ada, emailAddress: ada@example.com, externalId: x, sending: Denied, suspended: true},
         status: {observedGeneration: 1, devices: 1}}
        """);

    private static readonly JsonObject Invitation = Parse(
        """
        {metadata: {name: i, namespace: shop, uid: u, generation: 1, creationTimestamp: '2026-11-20T00:00:00Z'},
         spec: {backendRef: {name: b}, mailbox: a@example.com, userRef: {name: ada}, expireAfter: 7d,
          device: {name: d, displayName: D, deviceType: Phone, protocols: [IMAP], allowedNetworks: [10.0.0.0/8],
          expiry: {at: '2027-01-01T00:00:00Z', after: 7d}}, chosenPassword: Allowed, linkSecret: {name: l},
          delivery: {email: {to: a@example.com, language: en}}},
         status: {observedGeneration: 1, expiresAt: '2026-11-27T00:00:00Z', offer: {mailbox: a@example.com}}}
        """);

    private readonly FakeApi _api = new();
    private readonly ServiceProvider _modules;
    private readonly ObjectStore<MailBackend> _backends = new();
    private readonly ObjectStore<MailUser> _users = new();

    public MessageFuzzTests()
    {
        var clock = new FakeTimeProvider(Snapshots.Now);
        _modules = Modules.Build(_api.Connect(clock), clock, services => services
            .AddSingleton(Mock.Of<IBackendSecrets>())
            .AddSingleton<IMailBackendDriver, PasswdFileDriver>()
            .AddSingleton<IMailBackendDriver, SqlDriver>()
            .AddSingleton<IMailBackendDriver, LdapDriver>()
            .AddSingleton<IMailBackendDriver, WebhookDriver>()
            .AddSingleton<IMailBackendDriver, InfomaniakDriver>()
            .AddSingleton(_backends)
            .AddSingleton(_users));
    }

    public void Dispose()
    {
        Modules.End(_modules);
        _api.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Messages_OfMutatedObjects_AreForPeople(int seed)
    {
        // Mutants: the decoder's own message ("The JSON value could not be converted to System.DateTimeOffset. Path: …
        // BytePositionInLine"), arithmetic on the years 1 and 9999, an end far beyond what a time can hold.
        var mutator = new JsonMutator(seed);
        for (int round = 0; round < Rounds; round++)
        {
            JsonObject[] objects =
                [.. new[] { Device, Backend, User, Invitation }.Select((one, index) =>
                    index == round % 4 ? mutator.Mutate(one) : one)];
            string[] messages;
            try
            {
                messages = [.. MessagesOf(objects)];
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, round {round}: {objects[round % 4].ToJsonString()}\n{e}");
                throw;
            }

            Assert.All(messages, message =>
                Assert.False(MachineWords.AreIn(message), $"'{message}' for {objects[round % 4].ToJsonString()}"));
        }
    }

    private IEnumerable<string> MessagesOf(JsonObject[] objects)
    {
        MailDevice device = Decode<MailDevice>(objects[0]);
        MailBackend backend = Decode<MailBackend>(objects[1]);
        MailUser user = Decode<MailUser>(objects[2]);
        DeviceInvitation invitation = Decode<DeviceInvitation>(objects[3]);
        _backends.Put(backend);
        _users.Put(user);
        return new[] { device.DecodeError, backend.DecodeError, user.DecodeError, invitation.DecodeError }
            .OfType<string>()
            .Concat(OfDevice(device, backend, user))
            .Concat(OfBackend(backend))
            .Concat(OfUser(user, device))
            .Concat(OfInvitation(invitation));
    }

    private IEnumerable<string> OfDevice(MailDevice device, MailBackend backend, MailUser user)
    {
        SpecProblem? problem = DeviceRules.Problem(device);
        ClientSpec client = backend.Spec.Client ?? new ClientSpec();
        MailDeviceResolver.TryResolve(
            device, backend, client, Snapshots.Capabilities, out DesiredCredential? desired,
            out SpecProblem? unresolved);
        Stops stops = StopResolver.Of(device, backend, user);
        MailDeviceSnapshot identified = _modules.GetRequiredService<DeviceIdentifier>().Identify(device);
        MailDeviceSnapshot observed = Snapshots.InSync with
        {
            CreatedAt = identified.CreatedAt,
            ReportedRetiring = identified.ReportedRetiring,
            Desired = desired,
            Problem = unresolved,
            Stops = stops,
        };
        MailDevicePlan plan = MailDevicePlanner.Plan(observed, Snapshots.Now);
        MailDeviceStatus status =
            MailDeviceStatusWriter.StatusOf(
                device, device.Status ?? new(), observed, plan, failure: null, Snapshots.Now);
        ApiJson.Serialize(status);
        return new[] { problem?.Message, unresolved?.Message, stops.EndsBecause, plan.Verdict.Message }.OfType<string>()
            .Concat(status.Conditions!.Select(static one => one.Message));
    }

    private IEnumerable<string> OfBackend(MailBackend backend) =>
    [
        .. BackendValidator.Validate(backend, _modules.GetRequiredService<BackendRegistry>()),
        .. DefaultBackends.Problems(backend, _backends).Select(static one => one.Message),
        BackendRules.IssueProblem(backend)?.Message ?? "",
    ];

    private static IEnumerable<string> OfUser(MailUser user, MailDevice device) =>
    [
        UserConditions.Ready(user, [device], UserFollowers.Of(user, [device])).Message,
        UserRestrictions.Problem(device, user, Snapshots.Restrictions, Snapshots.Capabilities)?.Message ?? "",
    ];

    private IEnumerable<string> OfInvitation(DeviceInvitation invitation)
    {
        var snapshot = new InvitationSnapshot
        {
            Uid = "u",
            DeviceName = InvitedDevice.KeyOf(invitation).Name,
            LinkSecretName = InvitedDevice.LinkSecretOf(invitation),
            ExpiresAt = InvitedDevice.EndOf(invitation),
        };
        InvitedDevice.Body(invitation, Snapshots.Now);
        InvitationSnapshot resolved =
            _modules.GetRequiredService<OfferResolver>().Resolve(invitation, snapshot, Snapshots.Now);
        return [resolved.Problem?.Message ?? ""];
    }

    private static T Decode<T>(JsonObject json)
        where T : ApiObject, new()
    {
        JsonElement element = JsonSerializer.SerializeToElement(json);
        T value = ObjectDecoder.Decode<T>(element);
        value.Metadata = element.GetProperty("metadata").Deserialize<k8s.Models.V1ObjectMeta>(ApiJson.Options)!;
        return value;
    }

    private static JsonObject Parse(string yaml) => YamlJson.Parse(yaml)!.AsObject();
}
