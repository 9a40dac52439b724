using System.Text.Json;
using k8s;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;

namespace MailOperator.Benchmarks.Bed;

/// <summary>What the parts share: servers, the operator, and a namespace for what they create.</summary>
internal sealed class Bench : IAsyncDisposable
{
    /// <summary>The operator's own number of workers, and so of what a bare client does at once.</summary>
    public const int Workers = 32;

    /// <summary>How the names of passwd Secrets, and of the MailBackends that use them, begin.</summary>
    public const string PasswdSecret = "passwd-secret";

    private const int DevicesOfASecret = 700; // it holds 1 MB, about 900 devices with all protocols

    private static readonly Dictionary<string, string> NoMore = [];

    private readonly string _folder;
    private readonly Dictionary<string, Task<string>> _backends = [];
    private Pod? _operator;
    private Task<ChainBodies>? _bodies;
    private int _prefixes;
    private int _secrets;

    private Bench(string folder, Cluster cluster, BareApi api, ServiceAccountFiles account, string @namespace)
    {
        _folder = folder;
        Cluster = cluster;
        Api = api;
        Account = account;
        Namespace = @namespace;
    }

    public Cluster Cluster { get; }

    public BareApi Api { get; }

    /// <summary>Of the operator.</summary>
    public ServiceAccountFiles Account { get; }

    /// <summary>Where the portal is, if it runs.</summary>
    public Uri PortalUrl { get; } = new($"http://127.0.0.1:{FreePort.Find()}");

    /// <summary>How many MailBackends on PostgreSQL there are by now. Each is a store to the operator.</summary>
    public int SqlStores => _backends.Keys.Count(static name => name.StartsWith("sql-", StringComparison.Ordinal));

    /// <summary>Where the devices are, and where the bare client writes.</summary>
    public string Namespace { get; }

    public static async Task<Bench> StartAsync()
    {
        string folder = Directory.CreateTempSubdirectory("mo-bench-").FullName;
        await ChainKind.InstallAsync(folder);
        KubernetesClientConfiguration configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(
            Environment.GetEnvironmentVariable("KUBECONFIG"));
        var cluster = new Cluster(configuration);
        return new Bench(
            folder, cluster, new BareApi(configuration),
            await ServiceAccountFiles.OfOperatorAsync(cluster, Path.Combine(folder, "account")),
            await cluster.NewNamespaceAsync("bench"));
    }

    /// <summary>The version of the API server.</summary>
    public async Task<string> ServerVersionAsync()
    {
        using var version = JsonDocument.Parse(await Api.SendAsync(HttpMethod.Get, "/version"));
        return version.RootElement.GetProperty("gitVersion").GetString()!;
    }

    /// <summary>A folder of its own.</summary>
    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    /// <summary>A prefix for names that no other devices have.</summary>
    public string Prefix() => $"d{++_prefixes}-";

    /// <summary>The running operator. The first that needs it starts it.</summary>
    public async Task<Pod> OperatorAsync()
    {
        if (_operator is null)
        {
            _operator = await StartOperatorAsync(Account);
            await _operator.ReadyAsync();
        }

        return _operator;
    }

    /// <summary>Ends the running operator, if any, and starts a fresh one, which may not be ready yet.</summary>
    public async Task<Pod> RestartOperatorAsync()
    {
        await StopOperatorAsync();
        return _operator = await StartOperatorAsync(Account);
    }

    public async Task StopOperatorAsync()
    {
        if (_operator is { } running)
        {
            _operator = null;
            await running.DisposeAsync();
        }
    }

    /// <summary>Starts an operator that the caller ends. No other may run.</summary>
    /// <param name="account">Its rights, and its API server.</param>
    /// <param name="more">Settings beside the chart's.</param>
    public Task<Pod> StartOperatorAsync(
        ServiceAccountFiles account, IReadOnlyDictionary<string, string>? more = null)
    {
        var probes = new Uri($"http://127.0.0.1:{FreePort.Find()}");
        return Pod.StartAsync("operator", account, probes, new Dictionary<string, string>(more ?? NoMore)
        {
            ["MAIL_OPERATOR_Namespace"] = ShippedRights.Namespace,
            ["MAIL_OPERATOR_ListenUrl"] = probes.ToString(),
            ["MAIL_OPERATOR_LeaderElection__LeaseName"] = "mail-operator",
            ["MAIL_OPERATOR_Logging__LogLevel__Default"] = "Information",
            ["MAIL_OPERATOR_InvitationUrl"] = PortalUrl.ToString(),
        });
    }

    /// <summary>Starts a portal, which the caller ends, and waits until it is ready.</summary>
    public async Task<Pod> StartPortalAsync()
    {
        var probes = new Uri($"http://127.0.0.1:{FreePort.Find()}");
        Pod portal = await Pod.StartAsync(
            "portal", await ServiceAccountFiles.OfPortalAsync(Cluster, Folder("portal")), probes,
            new Dictionary<string, string>
            {
                ["MAIL_OPERATOR_PORTAL_PublicUrl"] = PortalUrl.ToString(),
                ["MAIL_OPERATOR_PORTAL_ListenUrl"] = PortalUrl.ToString(),
                ["MAIL_OPERATOR_PORTAL_ManagementUrl"] = probes.ToString(),
                ["MAIL_OPERATOR_PORTAL_Logging__LogLevel__Default"] = "Information",
                // All people of the bench come from one address.
                ["MAIL_OPERATOR_PORTAL_RequestsPerMinute"] = "1000000",
                ["MAIL_OPERATOR_PORTAL_LinkRequestsPerMinute"] = "1000000",
            });
        await portal.ReadyAsync();
        return portal;
    }

    public static Task<DatabaseServer> DatabaseAsync() => DatabaseServer.GetAsync("postgresql");

    /// <summary>The name of a MailBackend on PostgreSQL with this work factor.</summary>
    public Task<string> SqlAsync(int workFactor = 4) => BackendAsync($"sql-{workFactor}", async name =>
    {
        DatabaseServer database = await DatabaseAsync();
        await SqlBackends.CreateSecretAsync(Cluster, name, database.OperatorPassword);
        return BackendYaml.Sql(name, database, workFactor);
    });

    /// <summary>The names of fresh MailBackends, each with a Secret of its own, for so many devices.</summary>
    public async Task<string[]> PasswdSecretsAsync(int devices)
    {
        string[] names =
        [
            .. Enumerable.Range(0, ((devices - 1) / DevicesOfASecret) + 1).Select(_ => $"{PasswdSecret}-{++_secrets}"),
        ];
        foreach (string name in names)
        {
            await BackendAsync(name, one => Task.FromResult(BackendYaml.PasswdSecret(one, Namespace)));
        }

        return names;
    }

    /// <summary>The bodies of the bare client, from a device that the operator makes first.</summary>
    public Task<ChainBodies> BodiesAsync() => _bodies ??= TakeBodiesAsync();

    /// <summary>A bare client, whose bodies are the operator's.</summary>
    public async Task<BareChain> ChainAsync() => new(Api, await BodiesAsync(), Namespace);

    public async ValueTask DisposeAsync()
    {
        await StopOperatorAsync();
        Api.Dispose();
        Cluster.Dispose();
        foreach (string folder in Directory.Exists(_folder) ? [_folder] : Array.Empty<string>())
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<ChainBodies> TakeBodiesAsync()
    {
        const string Name = "pattern-of-chain";
        await OperatorAsync();
        await using DeviceWatch watch = await DeviceWatch.StartAsync(Api, Namespace);
        await new DeviceLoad(Api, watch, Namespace).CreateAsync(await SqlAsync(), [Name], atOnce: 1);
        return await ChainBodies.TakeAsync(Api, Namespace, Name, Namespace);
    }

    private Task<string> BackendAsync(string name, Func<string, Task<string>> yaml)
    {
        if (!_backends.TryGetValue(name, out Task<string>? backend))
        {
            _backends.Add(name, backend = CreateAsync());
        }

        return backend;

        async Task<string> CreateAsync()
        {
            await Cluster.CreateAsync(ApiGroup.MailBackends, "", await yaml(name));
            return name;
        }
    }
}
