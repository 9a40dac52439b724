using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Secrets;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>
/// What one process of the operator has seen of the cluster. It may lag behind by one pass, as a slow watch does.
/// What is news is decided by the product's <see cref="ObjectNews"/>.
/// </summary>
internal sealed class SimulatedCaches
{
    private readonly World _world;
    private readonly bool _isLagging;
    private readonly SecretMemory _memory;

    private (
        IReadOnlyList<JsonObject> Devices, IReadOnlyList<JsonObject> Users, IReadOnlyList<JsonObject> Secrets,
        IReadOnlyList<JsonObject> Invitations)? _seen;
    private Action<JsonObject>? _editBackend;

    public SimulatedCaches(World world, bool isLagging, SecretMemory memory)
    {
        (_world, _isLagging, _memory) = (world, isLagging, memory);
        Backends.Put(BackendNow());
        Namespaces.Put(new NamespaceMetadata
        {
            Metadata = new()
            {
                Name = World.DeviceKey.Namespace,
                Labels = new Dictionary<string, string> { ["team"] = "shop" },
            },
        });
    }

    public ObjectStore<MailDevice> Devices { get; } = new();

    public ObjectStore<MailBackend> Backends { get; } = new();

    public ObjectStore<MailUser> Users { get; } = new();

    public ObjectStore<DeviceInvitation> Invitations { get; } = new();

    public ObjectStore<NamespaceMetadata> Namespaces { get; } = new();

    public ObjectStore<SecretMetadata> Secrets { get; } = new();

    /// <summary>Changes the backend's spec from now on.</summary>
    public void EditBackend(Action<JsonObject> edit)
    {
        _editBackend = edit;
        Backends.Put(BackendNow());
    }

    /// <summary>Brings the caches up to date, or with a lag to the state of the last call.</summary>
    /// <returns>
    /// Whether there is news that wakes device and invitation, and whether the device changed at all.
    /// </returns>
    public (bool IsNews, bool HasDeviceChanged) Sync()
    {
        bool wasRevoked = Backends.All.Single().Spec.Grants is [];
        Backends.Put(BackendNow());
        var now = (
            _world.Cluster.All("maildevices"), _world.Cluster.All("mailusers"), _world.Cluster.All("secrets"),
            _world.Cluster.All("deviceinvitations"));
        (
            IReadOnlyList<JsonObject> devices, IReadOnlyList<JsonObject> users, IReadOnlyList<JsonObject> secrets,
            IReadOnlyList<JsonObject> invitations) = _isLagging ? _seen ?? now : now;
        _seen = now;
        bool hasDeviceChanged = false;
        bool isNews = Fill(Devices, devices.Select(Decode<MailDevice>), (before, after) =>
        {
            hasDeviceChanged |= HasChanged(before, after);
            return MailDeviceWatches.IsNews(before, after);
        }) | (wasRevoked != _world.IsGrantRevoked);
        isNews |= Fill(Users, users.Select(Decode<MailUser>), static (before, after) =>
            ObjectNews.Is(before, after, static user => user.Status?.Conditions is null));
        isNews |= Fill(Invitations, invitations.Select(Decode<DeviceInvitation>), IsNews);
        isNews |= Fill(Secrets, secrets.Where(IsOurs).Select(Decode<SecretMetadata>), IsNews);
        return (isNews, hasDeviceChanged);
    }

    private static bool Fill<T>(ObjectStore<T> store, IEnumerable<T> values, Func<T?, T?, bool> isNews)
        where T : ApiObject
    {
        bool any = false;
        var present = new HashSet<ObjectKey>();
        foreach (T value in values)
        {
            present.Add(value.Key);
            any |= isNews(store.Put(value), value);
        }

        foreach (ObjectKey key in store.KeysMissingFrom(present))
        {
            any |= store.TryRemove(key, out T? removed) && isNews(removed, null);
        }

        return any;
    }

    // As InvitationWatches: every event of a device wakes its invitation, a change of the status too.
    private static bool HasChanged(ApiObject? before, ApiObject? after) =>
        before?.Metadata.ResourceVersion != after?.Metadata.ResourceVersion;

    // As InvitationWatches: claim and device are in the status, which ObjectNews leaves out.
    private static bool IsNews(DeviceInvitation? before, DeviceInvitation? after) =>
        ObjectNews.Is(before, after, static invitation => invitation.Status?.Conditions is null)
        || before?.Status?.Claim?.Id != after?.Status?.Claim?.Id
        || before?.Status?.DeviceRef?.Uid != after?.Status?.DeviceRef?.Uid;

    // As MailDeviceWatches, and not by ObjectNews: a change of a Secret's data shows only as another version. A
    // version that the operator has just judged, which is mostly its own write, wakes nobody.
    private bool IsNews(SecretMetadata? before, SecretMetadata? after) =>
        HasChanged(before, after)
        && (after is null || !_memory.Knows(World.Owner.DeviceUid, after.Metadata.ResourceVersion));

    private static bool IsOurs(JsonObject secret) =>
        secret["metadata"]!["labels"]?[Annotations.ManagedByLabel]?.GetValue<string>() == Annotations.ManagedByValue;

    private static T Decode<T>(JsonObject value)
        where T : ApiObject, new()
    {
        JsonElement element = JsonSerializer.SerializeToElement(value);
        T decoded = typeof(T).IsAssignableTo(typeof(MetadataObject)) ? new T() : ObjectDecoder.Decode<T>(element);
        decoded.Metadata = ApiJson.Deserialize<V1ObjectMeta>(element.GetProperty("metadata"))!;
        return decoded;
    }

    private MailBackend BackendNow()
    {
        MailBackend backend = Backend(_world.IsGrantRevoked);
        if (_editBackend is null)
        {
            return backend;
        }

        JsonObject spec = JsonSerializer.SerializeToNode(backend.Spec, ApiJson.Options)!.AsObject();
        spec.Remove("grantWithdrawn"); // changes of one field must not end the password by another field's policy
        _editBackend(spec);
        return Decode<MailBackend>(new JsonObject
        {
            ["metadata"] = JsonSerializer.SerializeToNode(backend.Metadata, ApiJson.Options),
            ["spec"] = spec,
        });
    }

    private MailBackend Backend(bool isGrantRevoked) => new()
    {
        Metadata = new()
        {
            Name = "dovecot",
            Annotations = new Dictionary<string, string> { [Annotations.IsDefaultBackend] = "true" },
        },
        Spec = new MailBackendSpec
        {
            PasswdFile = new PasswdFileSpec { Path = "/in/memory" },
            Client = new ClientSpec { Smtp = new EndpointSpec { Host = "mail.example.com", Port = 465 } },
            Grants = isGrantRevoked
                ? []
                :
                [
                    new GrantSpec
                    {
                        Mailboxes = [World.Mailbox],
                        ChosenPasswords = ChosenPasswordPolicy.Allowed,
                        Retention = RetentionPolicy.Allowed,
                    },
                ],
            GrantWithdrawn = GrantWithdrawal.Revoke,
            Hashing = new HashingSpec { WorkFactor = 4 },
            Dovecot = _world.HasDoveadm
                ? new DovecotSpec
                {
                    Doveadm = [new DoveadmSpec
                {
                    Url = "http://dovecot.test/doveadm/v1",
                    CredentialsSecret = new() { Name = "doveadm" },
                }]
                }
                : null,
            Rotation = new BackendRotationSpec { Overlap = "24h" },
            Verification = _world.HasVerification ? LoginVerification.Login : null,
        },
    };
}
