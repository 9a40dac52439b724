using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;

namespace MailOperator.UnitTests.MailBackends;

public sealed class ReportedCredentialIndexTests
{
    private readonly ObjectStore<MailBackend> _backends = new();
    private readonly ObjectStore<MailDevice> _devices = new();

    [Theory]
    [InlineData("files", true, true)]
    [InlineData("files", false, false)] // it has none yet
    [InlineData("database", true, false)]
    [InlineData("gone", true, false)]
    [InlineData(null, true, false)]
    public void AreAt_Device_CountsWhereItReportsACredential(string? backend, bool hasCredential, bool expected)
    {
        _backends.Put(new MailBackend
        {
            Metadata = new() { Name = "files" },
            Spec = new MailBackendSpec { PasswdFile = new PasswdFileSpec() },
        });
        _backends.Put(new MailBackend
        {
            Metadata = new() { Name = "database" },
            Spec = new MailBackendSpec { Sql = new SqlSpec() },
        });
        _devices.Put(Device("without", status: null));
        _devices.Put(Device("device", new MailDeviceStatus
        {
            Backend = backend,
            Credentials = hasCredential
                ? [new CredentialStatus { Id = "k7f3q2", State = CredentialState.Current }]
                : [],
        }));

        Assert.Equal(
            expected,
            new ReportedCredentialIndex(_backends, _devices).AreAt(static spec => spec.PasswdFile is not null));
    }

    private static MailDevice Device(string name, MailDeviceStatus? status) =>
        new() { Metadata = new() { Name = name, NamespaceProperty = "shop" }, Status = status };
}
