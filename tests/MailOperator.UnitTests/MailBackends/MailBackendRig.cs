using System.Net;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.MailServers;
using MailOperator.UnitTests.Hosting;
using MailOperator.UnitTests.Kubernetes;
using MailOperator.UnitTests.MailDevices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace MailOperator.UnitTests.MailBackends;

/// <summary>A reconciler of one MailBackend, with a mocked mail system and an empty API server.</summary>
public abstract class MailBackendRig : IDisposable
{
    private protected static readonly ObjectKey Key = new("", "dovecot");
    private readonly ServiceProvider _modules;

    protected MailBackendRig()
    {
        Api.Default = static _ =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("{}") });
        Target.SetupGet(static one => one.DeclaredCapabilities).Returns(BackendCapabilities.List);
        Holds();
        var driver = new Mock<IMailBackendDriver>();
        driver.SetupGet(static one => one.Key).Returns("passwdFile");
        driver.Setup(static one => one.SpecOf(It.IsAny<MailBackendSpec>()))
            .Returns(static (MailBackendSpec spec) => spec.PasswdFile);
        driver.Setup(static one => one.Validate(It.IsAny<MailBackendSpec>())).Returns(static (MailBackendSpec spec) =>
            spec.PasswdFile!.Path == "bad" ? ["bad path"] : []);
        driver.Setup(static one => one.Create(It.IsAny<MailBackendSpec>())).Returns(Target.Object);
        _modules = Modules.Build(Api.Connect(Clock), Clock, services => services
            .AddSingleton(driver.Object)
            .AddSingleton(Servers.Object)
            .AddSingleton(Backends)
            .AddSingleton(Devices));
        _modules.GetRequiredService<OperatorIdentity>().Instance = "cluster";
        DeviceQueue = _modules.GetRequiredService<ReconcileQueue<MailDevice>>().Keys;
        Reconciler = _modules.GetRequiredService<MailBackendReconciler>();
        Backends.Put(Backend());
    }

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected FakeApi Api { get; } = new();

    private protected FakeTimeProvider Clock { get; } = new(Snapshots.Now);

    private protected ObjectStore<MailBackend> Backends { get; } = new();

    private protected ObjectStore<MailDevice> Devices { get; } = new();

    /// <summary>Devices that were requeued.</summary>
    private protected WorkQueue<ObjectKey> DeviceQueue { get; }

    private protected Mock<IMailBackend> Target { get; } = new();

    private protected Mock<IMailServers> Servers { get; } = new();

    private protected Mock<IDeviceUses> Uses { get; } = new();

    private protected MailBackendReconciler Reconciler { get; }

    public void Dispose()
    {
        Modules.End(_modules);
        Api.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Sets the slots that the mail system lists.</summary>
    private protected void Holds(params Slot[] slots) =>
        Target.Setup(static one => one.ListAllAsync("cluster", It.IsAny<CancellationToken>())).ReturnsAsync(slots);

    private protected T Service<T>()
        where T : notnull => _modules.GetRequiredService<T>();

    /// <summary>The status that was written last.</summary>
    private protected JsonNode? StatusWritten() =>
        Api.Requests.LastOrDefault(
            static request => request.PathAndQuery.Contains("/status?", StringComparison.Ordinal)) is
        { Body: { } body }
            ? JsonNode.Parse(body)!.AsArray()[^1]!["value"]
            : null;

    private protected static MailBackend Backend() => new()
    {
        Metadata = new()
        {
            Name = "dovecot",
            Uid = "uid-backend",
            ResourceVersion = "1",
            Generation = 1,
            Finalizers = [Finalizers.InUse],
        },
        Spec = new MailBackendSpec
        {
            PasswdFile = new PasswdFileSpec { Path = "/a" },
            Client = new ClientSpec { Imap = new EndpointSpec { Host = "mail.example.com", Port = 993 } },
        },
    };

    private protected static MailDevice Device(string name) => new()
    {
        Metadata = new()
        {
            Name = name,
            NamespaceProperty = "shop",
            Uid = "uid-a",
            Finalizers = [Finalizers.Revocation],
        },
        Spec = new MailDeviceSpec
        {
            BackendRef = new ObjectReference { Name = "dovecot" },
            Mailbox = "alerts@example.com",
        },
        Status = new MailDeviceStatus
        {
            Credentials = [new CredentialStatus { Id = "aaaaaa", State = CredentialState.Current }],
        },
    };
}
