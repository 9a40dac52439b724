using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;

namespace MailOperator.MailBackends;

/// <summary>Finds in the caches which credentials devices report.</summary>
internal sealed class ReportedCredentialIndex(
    ObjectStore<MailBackend> backends, ObjectStore<MailDevice> devices) : IReportedCredentials
{
    public bool AreAt(Predicate<MailBackendSpec> isMeant)
    {
        HashSet<string> meant =
            [.. backends.All.Where(backend => isMeant(backend.Spec)).Select(static backend => backend.Metadata.Name)];
        return devices.All.Any(device =>
            device.Status is { Credentials.Length: > 0, Backend: { } backend } && meant.Contains(backend));
    }
}
