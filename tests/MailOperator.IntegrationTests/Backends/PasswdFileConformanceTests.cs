using MailOperator.Backends;
using MailOperator.Backends.PasswdFile;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>A passwd-file on a disk.</summary>
public sealed class PasswdFileConformanceTests : BackendConformance
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mo-file-").FullName;

    internal override IMailBackend Create() =>
        new PasswdFileBackend(new LocalPasswdFile(Path.Combine(_folder, "app-passwords"), TimeProvider.System), TimeProvider.System);

    protected override Task StartAsync() => Task.CompletedTask;
}
