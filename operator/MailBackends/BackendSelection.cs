using System.Diagnostics.CodeAnalysis;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.MailBackends;

/// <summary>Which MailBackend a device is for.</summary>
internal static class BackendSelection
{
    /// <summary>Finds the MailBackend that a device is for, if that can be used; else says what is in the way.</summary>
    public static bool TryFind(
        MailDevice device,
        ObjectStore<MailBackend> backends,
        BackendRegistry registry,
        [NotNullWhen(true)] out MailBackend? backend,
        [NotNullWhen(false)] out SpecProblem? problem)
    {
        string? name = NameFor(device, backends);
        backend = name is null ? null : backends.Find(new ObjectKey("", name));
        problem = name is null ? new SpecProblem(
                Reasons.BackendUnavailable,
                $"spec.backendRef is left out and no MailBackend is the default (annotation {Annotations.IsDefaultBackend}: \"true\")")
            : device.Status?.Backend is { Length: > 0 } bound && bound != name ? new SpecProblem(
                Reasons.InvalidSpec,
                $"spec.backendRef names '{name}' and the credential is at '{bound}'; a device does not move: make a new one and delete this")
            : backend is null ? new SpecProblem(
                Reasons.BackendUnavailable, $"MailBackend '{name}' does not exist; create it, or name another in spec.backendRef (of a DeviceInvitation that stays: make another)")
            : BackendProblems.Of(backend, registry) is { Count: > 0 } problems ? new SpecProblem(
                Reasons.BackendUnavailable, $"MailBackend '{name}' cannot be used: {string.Join("; ", problems)}")
            : null;
        return problem is null;
    }

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
