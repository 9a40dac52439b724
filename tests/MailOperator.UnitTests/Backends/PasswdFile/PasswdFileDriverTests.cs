using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.PasswdFile;
using MailOperator.UnitTests.Kubernetes;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace MailOperator.UnitTests.Backends.PasswdFile;

public sealed class PasswdFileDriverTests : IDisposable
{
    private readonly FakeApi _api = new();
    private readonly Mock<IReportedCredentials> _issued = new();
    private readonly PasswdFileDriver _driver;

    public PasswdFileDriverTests() =>
        _driver = new PasswdFileDriver(_api.Connect(new FakeTimeProvider()), _issued.Object, new FakeTimeProvider());

    [Theory]
    [InlineData("/etc/dovecot/app-passwords", null)]
    [InlineData("/etc/dovecot/..app", null)]
    [InlineData("etc/app-passwords", "absolute")]
    [InlineData("", "absolute")]
    [InlineData("/etc/dovecot/", "absolute")]
    [InlineData("/etc/../root/.ssh/authorized_keys", "without '..'")]
    public void Validate_Path_MustBeAPlainFile(string path, string? part)
    {
        string[] problems = [.. _driver.Validate(Spec(new PasswdFileSpec { Path = path }))];

        Assert.Equal(part is null ? 0 : 1, problems.Length);
        Assert.All(problems, problem => Assert.Contains(part!, problem));
    }

    [Theory]
    [InlineData("/var/log/dovecot/logins.log", 0)]
    [InlineData("", 1)]
    [InlineData("logins.log", 1)]
    [InlineData("/var/log/../logins.log", 1)]
    public void Validate_LoginLog_MustBeAPlainFile(string path, int problems)
    {
        var spec = new PasswdFileSpec { Path = "/a", LoginLog = new LoginLogSpec { Path = path } };

        Assert.Equal(problems, _driver.Validate(Spec(spec))
            .Count(static problem => problem.Contains("loginLog.path", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("/var/log/logins.log", true)]
    [InlineData(null, false)]
    public async Task Create_WithALoginLog_CanTellTheLastUse(string? log, bool canTell)
    {
        var spec = new PasswdFileSpec { Path = "/a", LoginLog = log is null ? null : new LoginLogSpec { Path = log } };

        await using var backend = (PasswdFileBackend)_driver.Create(Spec(spec));

        Assert.Equal(canTell, backend.Capabilities.HasFlag(BackendCapabilities.LastUse));
    }

    [Theory]
    [InlineData("app-passwords", true)]
    [InlineData("others", false)]
    public async Task Create_PathWithoutAFile_IsInDoubtWhereDevicesHaveCredentialsInIt(string usedFile, bool isInDoubt)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("mail-operator-unit-");
        MailBackendSpec used = Spec(new PasswdFileSpec { Path = Path.Combine(folder.FullName, usedFile) });
        _issued.Setup(static issued => issued.AreAt(It.IsAny<Predicate<MailBackendSpec>>()))
            .Returns((Predicate<MailBackendSpec> isMeant) => isMeant(used));
        await using var backend = (PasswdFileBackend)_driver.Create(
            Spec(new PasswdFileSpec { Path = Path.Combine(folder.FullName, "app-passwords") }));

        Exception? failure = await Record.ExceptionAsync(
            () => backend.ListAllAsync("instance", TestContext.Current.CancellationToken));

        Assert.Equal(isInDoubt, failure is MailBackendException { Failure: BackendFailure.Unavailable });
        folder.Delete(recursive: true);
    }

    [Fact]
    public void Validate_BothOrNeither_AsksForOne()
    {
        var secret = new SecretKeyReference { Namespace = "mail", Name = "app-passwords" };

        Assert.Contains("exactly one", Assert.Single(_driver.Validate(Spec(new PasswdFileSpec()))));
        Assert.Contains(
            "exactly one", Assert.Single(_driver.Validate(Spec(new PasswdFileSpec { Path = "/a", Secret = secret }))));
        Assert.Empty(_driver.Validate(Spec(new PasswdFileSpec { Secret = secret })));
    }

    [Theory]
    [InlineData("", "name")]
    [InlineData("mail", "")]
    public void Validate_SecretWithoutNamespaceOrName_SaysSo(string @namespace, string name) => Assert.Contains(
        "a namespace and a name",
        Assert.Single(_driver.Validate(
            Spec(new PasswdFileSpec { Secret = new SecretKeyReference { Namespace = @namespace, Name = name } }))));

    [Fact]
    public void SpecOf_AnotherDriversBackend_IsNull() => Assert.Null(_driver.SpecOf(new MailBackendSpec()));

    public void Dispose() => _api.Dispose();

    private static MailBackendSpec Spec(PasswdFileSpec file) => new() { PasswdFile = file };
}
