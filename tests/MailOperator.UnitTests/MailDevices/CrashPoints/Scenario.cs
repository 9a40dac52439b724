using System.Text;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>An event that happens to a device at rest, or its creation.</summary>
/// <param name="Name">Its name in the test's output.</param>
/// <param name="Act">What people, time or other writers do.</param>
internal sealed partial record Scenario(string Name, Action<World> Act)
{
    public static readonly Scenario Create = new("create", static world => world.CreateDevice()) { IsFirst = true };

    public static readonly Scenario Rotate = new("rotate", static world => Annotate(world, Annotations.Rotate, "two"));

    public static readonly Scenario Delete =
        new("delete", static world => world.Cluster.Delete("maildevices", World.DeviceKey));

    public static readonly Scenario Choose = new("choose", static world => ChooseFirst(world));

    public static readonly IReadOnlyList<Scenario> All =
    [
        Create,
        Rotate,
        new("rotate and revoke", static world =>
        {
            world.Oracle.Overlap = TimeSpan.Zero;
            Annotate(world, Annotations.RotateAndRevoke, "leak");
        }),
        new("end of the overlap", static _ => { })
        {
            Before = static world => Annotate(world, Annotations.Rotate, "two"),
            Waits = World.Overlap - TimeSpan.FromMinutes(1),
        },
        new("interval", static _ => { })
        {
            Before = static world => world.EditDevice(
                static device => device["spec"]!["rotation"] = new JsonObject { ["interval"] = "10d" }),
            Waits = TimeSpan.FromDays(8.9),
            Lasts = TimeSpan.FromDays(1.2), // the rotation comes in the last tenth of the interval
        },
        new("restored from a backup", static world => world.Restore(isFromGit: false)),
        new("restored, the device from Git", static world => world.Restore(isFromGit: true)),
        new("restored, then deleted", static world => world.Cluster.Delete("maildevices", World.DeviceKey))
        {
            Before = static world => world.Restore(isFromGit: false),
        },
        new("Secret deleted", static world => world.Cluster.Delete("secrets", World.DeviceKey)),
        new("password edited", static world =>
        {
            string edited = "edited0123456789edited";
            world.Oracle.Excuse(edited);
            world.EditSecret(secret => secret["data"]!["password"] = Base64(edited));
        }),
        new("username edited", static world =>
            world.EditSecret(static secret => secret["data"]!["username"] = Base64("boss@example.com"))),
        new("Secret emptied", static world => world.EditSecret(static secret => secret.Remove("data"))),
        new("bookkeeping forged", static world => world.EditSecret(static secret =>
            secret["metadata"]!["annotations"]![Annotations.Retiring] = "aaaaaa=2099-01-01T00:00:00Z")),
        new(
            "label removed",
            static world => world.EditSecret(static secret => secret["metadata"]!["labels"]!.AsObject().Clear())),
        new("Secret frozen with a wrong host", static world => world.EditSecret(static secret =>
        {
            secret["data"]!["host"] = Base64("evil.example.com");
            secret["immutable"] = true;
        })),
        new("Secret renamed", static world =>
            world.EditDevice(static device => device["spec"]!["secret"] = new JsonObject { ["name"] = "renamed" })),
        new("slots lost", static world =>
        {
            world.Oracle.Excuse(world.Oracle.Password);
            world.Slots.Remove(World.Owner);
        })
        { IsFoundByProbe = true },
        new("suspend", static world => world.EditDevice(static device => device["spec"]!["suspended"] = true)),
        new("resume", static world => world.EditDevice(static device => device["spec"]!["suspended"] = false))
        {
            Before = static world => world.EditDevice(static device => device["spec"]!["suspended"] = true),
        },
        new("user suspended", static world => EditUser(world, static user => user["suspended"] = true))
        {
            Before = GiveUser,
        },
        new("user may send again", static world => EditUser(world, static user => user["sending"] = "Allowed"))
        {
            Before = static world =>
            {
                GiveUser(world);
                EditUser(world, static user => user["sending"] = "Denied");
            },
        },
        new("user's sending denied and a rotation", static world =>
        {
            EditUser(world, static user => user["sending"] = "Denied");
            Annotate(world, Annotations.Rotate, "two");
        })
        { Before = GiveUser },
        new("grant withdrawn", static world => world.IsGrantRevoked = true),
        new("granted again", static world => world.IsGrantRevoked = false)
        {
            Before = static world => world.IsGrantRevoked = true,
        },
        new("expire", static world => Expire(world, TimeSpan.Zero)),
        new("expire while paused", static world => Expire(world, TimeSpan.Zero))
        {
            Before = static world => Annotate(world, Annotations.Paused, "true"),
        },
        new("expire later than that", static world => Expire(world, TimeSpan.FromDays(30)))
        {
            Before = static world => Expire(world, TimeSpan.Zero),
        },
        new("new settings", static world => world.EditDevice(static device =>
        {
            device["spec"]!["allowedNetworks"] = new JsonArray("10.0.0.0/8");
            device["spec"]!["secret"] = new JsonObject { ["labels"] = new JsonObject { ["team"] = "a" } };
        })),
        new(
            "templates changed",
            static world => Templates(world, new JsonObject { ["DSN"] = "{{ uri }}", ["B"] = "{{ port }}" }))
        {
            Before = static world =>
                Templates(world, new JsonObject { ["DSN"] = "{{ username }}:{{ password }}", ["A"] = "{{ host }}" }),
        },
        new("rotate with templates", static world => Annotate(world, Annotations.Rotate, "two"))
        {
            Before = static world => Templates(world, new JsonObject { ["DSN"] = "{{ username }}:{{ password }}" }),
        },
        new("rotate with workloads to restart", static world => Annotate(world, Annotations.Rotate, "two"))
        {
            Before = static world => Workloads(world),
        },
        new(
            "Secret deleted with workloads to restart",
            static world => world.Cluster.Delete("secrets", World.DeviceKey))
        {
            Before = static world => Workloads(world),
        },
        Choose,
        new(
            "choose no more",
            static world => world.EditDevice(static device => device["spec"]!.AsObject().Remove("password")))
        {
            Before = ChooseFirst,
        },
        new("chosen, source changed", static world => world.SetSource(SecondChoice)) { Before = ChooseFirst },
        new("chosen, source changed back", static world => world.SetSource(FirstChoice))
        {
            Before = ChooseFirst,
            Then = static world => world.SetSource(SecondChoice),
        },
        new("chosen, source changed after a leak", static world =>
        {
            world.Oracle.Overlap = TimeSpan.Zero;
            Annotate(world, Annotations.RotateAndRevoke, "leak");
            world.SetSource(SecondChoice);
        })
        { Before = ChooseFirst },
        new("chosen, rotate", static world => Annotate(world, Annotations.Rotate, "two")) { Before = ChooseFirst },
        new("chosen, Secret deleted", static world => world.Cluster.Delete("secrets", World.DeviceKey))
        {
            Before = ChooseFirst,
        },
        new("chosen, password edited", static world =>
        {
            string edited = "edited0123456789edited";
            world.Oracle.Excuse(edited);
            world.EditSecret(secret => secret["data"]!["password"] = Base64(edited));
        })
        { Before = ChooseFirst },
        new("chosen, slots lost", static world =>
        {
            world.Oracle.Excuse(world.Oracle.Password);
            world.Slots.Remove(World.Owner);
        })
        { Before = ChooseFirst, Waits = World.Overlap + TimeSpan.FromMinutes(5), IsFoundByProbe = true },
        Delete,
        new("delete and retain", static world => world.Cluster.Delete("maildevices", World.DeviceKey))
        {
            Before = static world =>
            {
                world.Oracle.IsRetained = true;
                world.EditDevice(static device => device["spec"]!["deletionPolicy"] = "Retain");
            },
        },
        .. Invited(),
        .. NotifiesServers(),
        .. Verified(),
        .. Issued(),
    ];

    private const string FirstChoice = "Qy7!the first that somebody chose";
    private const string SecondChoice = "Zk3?another one of their choice 2";

    /// <summary>What happens before the act, without a fault.</summary>
    public Action<World>? Before { get; init; }

    /// <summary>What happens between <see cref="Before"/> and the act, without a fault.</summary>
    public Action<World>? Then { get; init; }

    /// <summary>How long to wait after <see cref="Before"/>, and after <see cref="Then"/>.</summary>
    public TimeSpan Waits { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The MailBackend lists a doveadm, and its server has cached verdicts and open sessions.</summary>
    public bool HasDoveadm { get; init; }

    /// <summary>The MailBackend verifies passwords by a login.</summary>
    public bool HasVerification { get; init; }

    /// <summary>The backend generates the passwords.</summary>
    public bool IsIssued { get; init; }

    /// <summary>There is no device at first. Only an invitation may create it.</summary>
    public bool IsInvited { get; init; }

    /// <summary>There is no device at first.</summary>
    public bool IsFirst { get; init; }

    /// <summary>No watch shows it; the probe of the backend finds it.</summary>
    public bool IsFoundByProbe { get; init; }

    /// <summary>How long it runs: longer than the grace of an uncommitted slot.</summary>
    public TimeSpan Lasts { get; init; } = TimeSpan.FromMinutes(5);

    public override string ToString() => Name;

    private static void Annotate(World world, string annotation, string value) =>
        world.EditDevice(device => device["metadata"]!["annotations"]![annotation] = value);

    private static void GiveUser(World world)
    {
        world.Cluster.Create("mailusers", World.UserKey.Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = World.UserKey.Name },
            ["spec"] = new JsonObject(),
        });
        world.EditDevice(
            static device => device["spec"]!["userRef"] = new JsonObject { ["name"] = World.UserKey.Name });
    }

    private static void EditUser(World world, Action<JsonObject> edit) =>
        world.Cluster.Edit("mailusers", World.UserKey, user => edit(user["spec"]!.AsObject()));

    /// <summary>Creates two workloads to restart, and names a third one that does not exist.</summary>
    public static void Workloads(World world)
    {
        foreach (string plural in (string[])["deployments", "daemonsets"])
        {
            world.Cluster.Create(plural, World.DeviceKey.Namespace, new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = "web" },
                ["spec"] = new JsonObject { ["template"] = new JsonObject { ["metadata"] = new JsonObject() } },
            });
        }

        world.EditDevice(static device => device["spec"]!["rolloutRestartTargets"] = new JsonArray(
            Target("Deployment", "web"), Target("StatefulSet", "missing"), Target("DaemonSet", "web")));
    }

    private static JsonObject Target(string kind, string name) => new() { ["kind"] = kind, ["name"] = name };

    private static void Templates(World world, JsonObject data) =>
        world.EditDevice(device => device["spec"]!["secret"] = new JsonObject { ["data"] = data });

    private static void Expire(World world, TimeSpan fromNow) => world.EditDevice(device =>
        device["spec"]!["expiry"] = new JsonObject { ["at"] = Rfc3339.Format(world.Clock.GetUtcNow() + fromNow) });

    private static void ChooseFirst(World world) => world.Choose(FirstChoice);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
