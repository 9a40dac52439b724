using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.MailDevices;

/// <summary>Which MailBackend a device is for.</summary>
internal static class BackendSelection
{
    /// <summary>
    /// The one that it names; else the one that holds its credential already; else the default. A device stays where
    /// its credential is, also when another backend becomes the default.
    /// </summary>
    public static string? NameFor(MailDevice device, ObjectStore<MailBackend> backends) =>
        device.Spec.BackendRef?.Name is { Length: > 0 } named ? named
            : device.Status?.Backend is { Length: > 0 } bound ? bound
            : DefaultName(backends);

    /// <summary>Of several defaults the oldest, so that everybody picks the same.</summary>
    public static string? DefaultName(ObjectStore<MailBackend> backends) => backends.All
        .Where(static backend => backend.Annotation(Annotations.IsDefaultBackend) == "true")
        .OrderBy(static backend => backend.Metadata.CreationTimestamp)
        .ThenBy(static backend => backend.Metadata.Name, StringComparer.Ordinal)
        .FirstOrDefault()?.Metadata.Name;

    /// <summary>
    /// Where a deleted device may have slots: its backend; every one, if nothing says which that was.
    /// </summary>
    public static IEnumerable<string> NamesForRevocation(MailDevice device, ObjectStore<MailBackend> backends)
    {
        string[] known = [.. new[] { device.Spec.BackendRef?.Name, device.Status?.Backend }
            .OfType<string>().Where(static name => name.Length > 0).Distinct(StringComparer.Ordinal)];
        return known.Length > 0 ? known : backends.All.Select(static backend => backend.Metadata.Name);
    }
}
