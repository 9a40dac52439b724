using System.Text;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.Passwords;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>
/// Everything that outlives the operator's process: API server, mail system and time. It has one device.
/// </summary>
internal sealed class World
{
    public const string Mailbox = "alerts@example.com";
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(24);
    public static readonly ObjectKey DeviceKey = new("shop", "grafana");
    public static readonly ObjectKey UserKey = new("shop", "ada");

    /// <summary>The invitation that creates the device.</summary>
    public static readonly ObjectKey InvitationKey = new("shop", "ada-phone");

    public static readonly ObjectKey LinkKey = new("shop", "ada-phone-invitation");

    /// <summary>The source of the chosen password of the device.</summary>
    public static readonly ObjectKey SourceKey = new("shop", "chosen");

    private readonly string _others;

    /// <summary>Shared by all worlds: it has threads and no state.</summary>
    public static readonly PasswordHasher Hasher = new(Environment.ProcessorCount);

    // The state of a device at rest is made once and copied for every run.
    private static readonly Lazy<Task<World>> Settled = new(SettleAsync);

    public World()
    {
        Cluster = new MemoryCluster(Clock);
        Slots.Apply(new SlotChange(
            default, [Others("cluster", "uid-other", "othera"), Others("elsewhere", Owner.DeviceUid, "otherb")], []));
        Cluster.Create("secrets", "shop", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "foreign" },
            ["data"] = new JsonObject { ["password"] = "Zm9yZWlnbg==" },
        });
        _others = OthersNow();
        Oracle = new Oracle(this);
        Server = new MailServerModel(this);
        Slots.Changed += Server.SlotsChanged;
    }

    /// <summary>Whether the MailBackend lists a doveadm.</summary>
    public bool HasDoveadm { get; set; }

    /// <summary>Whether the MailBackend verifies passwords by a login.</summary>
    public bool HasVerification { get; set; }

    public MailServerModel Server { get; }

    /// <summary>The device is the first object of its kind.</summary>
    public static SlotOwner Owner => new("cluster", "uid-maildevices-2");

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, 250, TimeSpan.Zero));

    public MemoryCluster Cluster { get; }

    public SlotStore Slots { get; } = new();

    public Transcript Transcript { get; } = new();

    public Oracle Oracle { get; }

    /// <summary>The mails that the relay has accepted, and when.</summary>
    public List<(MimeKit.MimeMessage Mail, DateTimeOffset At)> Mails { get; } = [];

    public JsonObject? Invitation => Cluster.Find("deviceinvitations", InvitationKey);

    public JsonObject? Device => Cluster.Find("maildevices", DeviceKey);

    public JsonNode? User => Device?["spec"]!["userRef"] is null ? null : Cluster.Find("mailusers", UserKey)!["spec"];

    /// <summary>The backend's grants allow nothing any more, and issued passwords must end.</summary>
    public bool IsGrantRevoked { get; set; }

    /// <summary>A password was claimed, and the claim was lost before the mail system had the password.</summary>
    public bool IsClaimLost { get; set; }

    /// <summary>The device has no password any more, or never gets one.</summary>
    public bool HasEnded => Device is null || IsExpired || IsGrantRevoked || IsClaimLost;

    public bool IsExpired => Rfc3339.Parse(Device?["spec"]!["expiry"]?["at"]?.GetValue<string>()) <= Clock.GetUtcNow();

    public bool IsSuspended => Device?["spec"]!["suspended"]?.GetValue<bool>() ?? false;

    private const string RestoredUid = "uid-restored";

    public IEnumerable<JsonObject> SecretsOfDevice() => Cluster.All("secrets").Where(static secret =>
        secret["metadata"]!["ownerReferences"]?[0]?["uid"]?.GetValue<string>() is { } uid
        && (uid == Owner.DeviceUid || uid == RestoredUid));

    /// <summary>A world whose device was issued its password some time ago.</summary>
    public static async Task<World> AtRestAsync()
    {
        World settled = await Settled.Value;
        var world = new World();
        world.Clock.SetUtcNow(settled.Clock.GetUtcNow());
        world.Slots.Apply(new SlotChange(Owner, [.. settled.Slots.Of(Owner)], []));
        world.Cluster.CopyFrom(settled.Cluster);
        world.Oracle.CopyFrom(settled.Oracle); // last, so that it does not judge a half-made world
        return world;
    }

    public void CreateDevice(string mailbox = Mailbox) =>
        Cluster.Create("maildevices", DeviceKey.Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = DeviceKey.Name,
                ["annotations"] = new JsonObject { [Annotations.Rotate] = "one" },
            },
            ["spec"] = new JsonObject { ["mailbox"] = mailbox },
        });

    /// <summary>Makes the device use this chosen password, from a Secret beside it.</summary>
    public void Choose(string password)
    {
        SetSource(password);
        EditDevice(static device => device["spec"]!["password"] = new JsonObject
        {
            ["valueFrom"] = new JsonObject
            {
                ["secretKeyRef"] = new JsonObject { ["name"] = SourceKey.Name, ["key"] = "mail" },
            },
        });
    }

    /// <summary>Writes a chosen password to its source. No watch shows that to the operator.</summary>
    public void SetSource(string password)
    {
        Oracle.Chosen.Add(password);
        var data = new JsonObject { ["mail"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(password + "\n")) };
        if (Cluster.Find("secrets", SourceKey) is null)
        {
            Cluster.Create(
                "secrets", SourceKey.Namespace,
                new JsonObject { ["metadata"] = new JsonObject { ["name"] = SourceKey.Name }, ["data"] = data });
        }
        else
        {
            Cluster.Edit("secrets", SourceKey, source => source["data"] = data);
        }
    }

    /// <summary>Invites Ada to claim the password of the device.</summary>
    public void Invite(bool isMailed = false)
    {
        Cluster.Create(
            "mailusers", UserKey.Namespace,
            new JsonObject { ["metadata"] = new JsonObject { ["name"] = UserKey.Name }, ["spec"] = new JsonObject() });
        Cluster.Create("deviceinvitations", InvitationKey.Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = InvitationKey.Name },
            ["spec"] = new JsonObject
            {
                ["mailbox"] = Mailbox,
                ["userRef"] = new JsonObject { ["name"] = UserKey.Name },
                ["device"] = new JsonObject { ["name"] = DeviceKey.Name },
                ["chosenPassword"] = "Allowed",
                ["delivery"] = isMailed
                    ? new JsonObject { ["email"] = new JsonObject { ["to"] = "ada@example.com" } }
                    : null,
            },
        });
    }

    /// <summary>Ada claims this password; writes what the portal writes.</summary>
    public void Claim(string password, bool isChosen)
    {
        Oracle.Claimed = password;
        string selector = isChosen ? "chosen" : password[..6];
        if (isChosen)
        {
            Oracle.Chosen.Add(password);
        }

        Cluster.Edit("deviceinvitations", InvitationKey, invitation => invitation["status"]!["claim"] = new JsonObject
        {
            ["id"] = "claim-1",
            ["at"] = Rfc3339.Format(Clock.GetUtcNow()),
            ["selector"] = selector,
            ["isChosen"] = isChosen,
            ["hash"] = BCrypt.Net.BCrypt.HashPassword(password, BCrypt.Net.BCrypt.GenerateSalt(4, 'y')),
        });
    }

    /// <summary>The device and its Secret come back from a backup: without owner, status and UID.</summary>
    /// <param name="isFromGit">The device comes from its manifest, without what the operator wrote into it.</param>
    public void Restore(bool isFromGit)
    {
        Oracle.KeepsPassword = true;
        EditSecret(static secret => secret["metadata"]!.AsObject().Remove("ownerReferences"));
        EditDevice(device =>
        {
            JsonObject metadata = device["metadata"]!.AsObject();
            metadata["uid"] = RestoredUid;
            device.Remove("status");
            if (isFromGit)
            {
                metadata.Remove("finalizers");
                metadata.Remove("annotations");
            }
        });
    }

    public void EditDevice(Action<JsonObject> edit) => Cluster.Edit("maildevices", DeviceKey, edit);

    public void EditSecret(Action<JsonObject> edit) => Cluster.Edit("secrets", DeviceKey, edit);

    public void JudgeOthers() =>
        Oracle.Expect(OthersNow() == _others, "something was touched that is not the device's");

    private static async Task<World> SettleAsync()
    {
        var world = new World();
        world.CreateDevice();
        using var one = new SimulatedOperator(world, isLagging: false);
        await one.StartAsync();
        await one.RunForAsync(TimeSpan.FromMinutes(5));
        return world;
    }

    private string OthersNow() =>
        string.Join('\n', Slots.All.Where(static slot => slot.Owner != Owner))
        + Cluster.Find("secrets", new ObjectKey("shop", "foreign"))!.ToJsonString();

    private static Slot Others(string instance, string uid, string selector) =>
        Snapshots.Slot(selector) with { Owner = new SlotOwner(instance, uid) };
}
