using System.Globalization;
using System.Text.Json.Nodes;

namespace MailOperator.IntegrationTests.Chart.Image;

/// <summary>Translates the first container of a pod into the configuration of the OCI runtime specification.</summary>
internal sealed class RuntimeBundle(BuiltImage image, JsonObject pod, Node node, string account)
{
    private readonly JsonNode _container = pod["containers"]![0]!;

    public JsonObject Config(IReadOnlyDictionary<string, string> environment)
    {
        JsonNode allowed = pod["securityContext"]!, context = _container["securityContext"]!;
        Assert.Equal("ALL", (string)Assert.Single(context["capabilities"]!["drop"]!.AsArray())!);
        Assert.Equal("RuntimeDefault", (string)allowed["seccompProfile"]!["type"]!);
        return new JsonObject
        {
            ["ociVersion"] = "1.0.2",
            ["process"] = new JsonObject
            {
                ["user"] = new JsonObject
                {
                    ["uid"] = (long)allowed["runAsUser"]!,
                    ["gid"] = (long)allowed["runAsGroup"]!,
                    ["additionalGids"] = new JsonArray((long)allowed["fsGroup"]!),
                },
                ["args"] = new JsonArray([.. Texts(image.Config["Entrypoint"]), .. Texts(_container["args"])]),
                ["env"] = new JsonArray([.. Environment(environment).Select(static pair =>
                    (JsonNode)$"{pair.Key}={pair.Value}")]),
                ["cwd"] = "/",
                ["noNewPrivileges"] = !(bool)context["allowPrivilegeEscalation"]!,
                ["capabilities"] = new JsonObject(),
            },
            ["root"] = new JsonObject
            {
                ["path"] = image.Root,
                ["readonly"] = (bool)context["readOnlyRootFilesystem"]!,
            },
            ["mounts"] = new JsonArray([.. Mounts()]),
            ["linux"] = new JsonObject
            {
                ["namespaces"] = new JsonArray([.. ((string[])["pid", "ipc", "uts", "mount"])
                    .Select(static type => (JsonNode)new JsonObject { ["type"] = type })]),
                ["seccomp"] = Seccomp.RuntimeDefault(),
                ["resources"] = new JsonObject
                {
                    ["memory"] = new JsonObject
                    {
                        ["limit"] = Bytes((string)_container["resources"]!["limits"]!["memory"]!),
                    },
                },
            },
        };
    }

    private Dictionary<string, string> Environment(IReadOnlyDictionary<string, string> environment)
    {
        Dictionary<string, string> all = [];
        foreach (string one in Texts(image.Config["Env"]).Select(static one => (string)one!))
        {
            all[one.Split('=', 2)[0]] = one.Split('=', 2)[1];
        }

        all["KUBERNETES_SERVICE_HOST"] = node.Server.Host;
        all["KUBERNETES_SERVICE_PORT"] = node.Server.Port.ToString(CultureInfo.InvariantCulture);
        foreach (JsonNode? variable in _container["env"]!.AsArray())
        {
            all[(string)variable!["name"]!] = (string?)variable["value"] ?? node.Namespace; // the only field asked for
        }

        foreach ((string name, string value) in environment)
        {
            Assert.True(all.ContainsKey(name), $"{name} is not in the pod's environment");
            all[name] = value;
        }

        return all;
    }

    private IEnumerable<JsonNode> Mounts()
    {
        yield return Mount("proc", "proc", "/proc");
        yield return Mount("tmpfs", "tmpfs", "/dev", "nosuid", "mode=755");
        yield return Mount("cgroup", "cgroup", "/sys/fs/cgroup", "nosuid", "noexec", "nodev", "ro");
        yield return Mount(account, "bind", "/var/run/secrets/kubernetes.io/serviceaccount", "rbind", "ro");
        foreach (JsonNode? mount in _container["volumeMounts"]?.AsArray() ?? [])
        {
            yield return Mount(
                node.Volumes[(string)mount!["name"]!], "bind", (string)mount["mountPath"]!, "rbind",
                (bool?)mount["readOnly"] == true ? "ro" : "rw");
        }
    }

    private static JsonObject Mount(string source, string type, string destination, params string[] options) => new()
    {
        ["source"] = source,
        ["type"] = type,
        ["destination"] = destination,
        ["options"] = new JsonArray([.. options.Select(static option => (JsonNode)option)]),
    };

    private static IEnumerable<JsonNode?> Texts(JsonNode? list) =>
        (list?.AsArray() ?? []).Select(static one => (JsonNode?)(string)one!);

    private static long Bytes(string quantity)
    {
        Assert.EndsWith("Mi", quantity);
        return long.Parse(quantity[..^2], CultureInfo.InvariantCulture) * 1024 * 1024;
    }
}
