using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Backends.PasswdFile;

/// <summary><c>spec.passwdFile</c>: a Dovecot passwd-file, on a disk or in a Secret.</summary>
internal sealed class PasswdFileDriver(KubernetesApi api, IReportedCredentials issued, TimeProvider clock)
    : IMailBackendDriver
{
    public string Key => "passwdFile";

    public ClientSpec? PublicClient => null;

    public object? SpecOf(MailBackendSpec spec) => spec.PasswdFile;

    public IEnumerable<string> Validate(MailBackendSpec spec)
    {
        PasswdFileSpec file = spec.PasswdFile!;
        if (file.Path is null == file.Secret is null)
        {
            yield return "spec.passwdFile needs exactly one of path and secret";
        }

        if (file.Path is { } path && !IsPathOfFile(path))
        {
            yield return $"spec.passwdFile.path '{path}' must be the absolute path of a file, without '..'";
        }

        if (file.LoginLog is { } log && !IsPathOfFile(log.Path))
        {
            yield return $"spec.passwdFile.loginLog.path '{log.Path}' must be the absolute path of a "
                + "file, without '..'";
        }

        if (file.Secret is { } secret && (secret.Namespace.Length == 0 || secret.Name.Length == 0))
        {
            yield return "spec.passwdFile.secret needs a namespace and a name";
        }
    }

    public IMailBackend Create(MailBackendSpec spec)
    {
        PasswdFileSpec file = spec.PasswdFile!;
        IPasswdFileTarget target = file.Path is { } path
            ? new LocalPasswdFile(path, () => issued.AreAt(other => other.PasswdFile?.Path == path), clock)
            : new SecretPasswdFile(
                api, new ObjectKey(file.Secret!.Namespace, file.Secret.Name),
                file.Secret.Key ?? SecretPasswdFile.DefaultKey);
        return new PasswdFileBackend(target, clock, file.LoginLog is { } log ? new LoginLog(log.Path, clock) : null);
    }

    private static bool IsPathOfFile(string path) =>
        path.StartsWith('/') && !path.EndsWith('/') && !path.Split('/').Contains("..");
}
