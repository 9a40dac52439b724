using System.Net;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.UnitTests.Hosting;
using MailOperator.UnitTests.Kubernetes;
using MailOperator.UnitTests.MailDevices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace MailOperator.UnitTests.GitOps;

/// <summary>A MailBackend in each state, with the status that its reconciler writes for it.</summary>
internal static class MailBackendStates
{
    public static async Task<JsonObject> AllAsync()
    {
        JsonObject ready = await ObjectAsync(null);
        var stale = (JsonObject)ready.DeepClone();
        stale["metadata"]!["generation"] = 5;
        var unseen = (JsonObject)ready.DeepClone();
        unseen["status"] = new JsonObject { ["observedGeneration"] = -1 }; // the schema's default
        return new JsonObject
        {
            ["not seen yet"] = unseen,
            ["reachable"] = ready,
            ["spec changed, not seen yet"] = stale,
            ["spec not valid"] = await ObjectAsync(null, path: "bad"),
            ["not reachable"] = await ObjectAsync(BackendFailure.Unavailable),
            ["not authorized"] = await ObjectAsync(BackendFailure.Unauthorized),
            ["deleted, in use"] = await ObjectAsync(null, isDeleted: true),
        };
    }

    private static async Task<JsonObject> ObjectAsync(
        BackendFailure? failure, string path = "/app-passwords", bool isDeleted = false)
    {
        MailBackend backend = Backend(path, isDeleted);
        using var api = new FakeApi
        {
            Default = static _ =>
                Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("{}") }),
        };
        JsonNode status = await StatusAsync(api, backend, failure);
        var @object = new JsonObject
        {
            ["apiVersion"] = ApiGroup.MailBackends.ApiVersion,
            ["kind"] = ApiGroup.MailBackends.Kind,
            ["metadata"] = new JsonObject { ["name"] = "dovecot", ["generation"] = backend.Metadata.Generation },
            ["spec"] = new JsonObject { ["passwdFile"] = new JsonObject { ["path"] = path } },
            ["status"] = status,
        };
        if (isDeleted)
        {
            @object["metadata"]!["deletionTimestamp"] = Rfc3339.Format(Snapshots.Now);
        }

        return @object;
    }

    private static async Task<JsonNode> StatusAsync(FakeApi server, MailBackend backend, BackendFailure? failure)
    {
        var clock = new FakeTimeProvider(Snapshots.Now);
        var backends = new ObjectStore<MailBackend>();
        backends.Put(backend);
        var devices = new ObjectStore<MailDevice>();
        devices.Put(new MailDevice
        {
            Metadata = new()
            {
                Name = "grafana",
                NamespaceProperty = "shop",
                Uid = "uid-a",
                Finalizers = [Finalizers.Revocation],
            },
            Spec = new MailDeviceSpec { BackendRef = new ObjectReference { Name = "dovecot" } },
        });
        await using ServiceProvider modules = Modules.Build(server.Connect(clock), clock, services => services
            .AddSingleton(Driver(failure))
            .AddSingleton(backends)
            .AddSingleton(devices));
        modules.GetRequiredService<OperatorIdentity>().Instance = "cluster";
        var reconciler = modules.GetRequiredService<MailBackendReconciler>();

        await reconciler.ReconcileAsync(backend.Key, TestContext.Current.CancellationToken);

        (_, _, string patch) = server.Requests.Single(
            static request => request.PathAndQuery.Contains("/status", StringComparison.Ordinal));
        return JsonNode.Parse(patch)!.AsArray()[^1]!["value"]!.DeepClone();
    }

    private static IMailBackendDriver Driver(BackendFailure? failure)
    {
        var target = new Mock<IMailBackend>();
        target.SetupGet(static one => one.DeclaredCapabilities).Returns(BackendCapabilities.List);
        target.Setup(static one => one.ListAllAsync("cluster", It.IsAny<CancellationToken>()))
            .Returns(() => failure is { } kind
                ? throw new MailBackendException(kind, "no way in")
                : Task.FromResult<IReadOnlyList<Slot>>([]));
        var driver = new Mock<IMailBackendDriver>();
        driver.SetupGet(static one => one.Key).Returns("passwdFile");
        driver.Setup(static one => one.SpecOf(It.IsAny<MailBackendSpec>()))
            .Returns(static (MailBackendSpec spec) => spec.PasswdFile);
        driver.Setup(static one => one.Validate(It.IsAny<MailBackendSpec>())).Returns(static (MailBackendSpec spec) =>
            spec.PasswdFile!.Path == "bad" ? ["bad path"] : []);
        driver.Setup(static one => one.Create(It.IsAny<MailBackendSpec>())).Returns(target.Object);
        return driver.Object;
    }

    private static MailBackend Backend(string path, bool isDeleted) => new()
    {
        Metadata = new()
        {
            Name = "dovecot",
            Uid = "uid-backend",
            ResourceVersion = "1",
            Generation = 4,
            Finalizers = [Finalizers.InUse],
            DeletionTimestamp = isDeleted ? Snapshots.Now.UtcDateTime : null,
        },
        Spec = new MailBackendSpec
        {
            PasswdFile = new PasswdFileSpec { Path = path },
            Client = new ClientSpec { Imap = new EndpointSpec { Host = "mail.example.com", Port = 993 } },
        },
    };
}
