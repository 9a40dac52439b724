using System.Diagnostics.CodeAnalysis;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.MailBackends;

/// <summary>Selects the MailBackend of a device.</summary>
internal static class BackendSelection
{
    /// <summary>
    /// Finds the MailBackend of a device: the one that has its credential, else the one that it is to have. Returns
    /// whether it can be used, otherwise the problem; the MailBackend may be found although there is one.
    /// </summary>
    public static bool TryFind(
        MailDevice device,
        ObjectStore<MailBackend> backends,
        BackendRegistry registry,
        [NotNullWhen(true)] out MailBackend? backend,
        [NotNullWhen(false)] out SpecProblem? problem)
    {
        string? name = NameFor(device, backends);
        string? own = device.BoundBackend ?? name;
        backend = own is null ? null : backends.Find(new ObjectKey("", own));
        problem = Problem(device, name, backend, registry);
        return problem is null;
    }

    /// <summary>
    /// The MailBackend that the device names, else the one that has its credential, else the default. A device stays
    /// with its credential even if another MailBackend becomes the default.
    /// </summary>
    public static string? NameFor(MailDevice device, ObjectStore<MailBackend> backends) =>
        (device.Spec.BackendRef?.Name, device.BoundBackend) switch
        {
            ({ Length: > 0 } named, _) => named,
            (_, { Length: > 0 } bound) => bound,
            _ => DefaultName(backends),
        };

    /// <summary>The oldest of several defaults, so that all devices get the same one.</summary>
    public static string? DefaultName(ObjectStore<MailBackend> backends) =>
        DefaultBackends.In(backends).FirstOrDefault()?.Metadata.Name;

    /// <summary>Where a deleted device may have slots: where spec and status say; everywhere if neither does.</summary>
    public static IEnumerable<string> NamesForRevocation(MailDevice device, ObjectStore<MailBackend> backends)
    {
        string[] known = [.. new[] { device.Spec.BackendRef?.Name, device.BoundBackend }
            .OfType<string>().Where(static name => name.Length > 0).Distinct(StringComparer.Ordinal)];
        return known.Length > 0 ? known : backends.All.Select(static backend => backend.Metadata.Name);
    }

    private static SpecProblem? Problem(
        MailDevice device, string? name, MailBackend? backend, BackendRegistry registry)
    {
        if (name is null)
        {
            return Unavailable(
                "spec.backendRef is left out and no MailBackend is the default "
                + $"(annotation {Annotations.IsDefaultBackend}: \"true\")");
        }

        if (device.BoundBackend is { } bound && bound != name)
        {
            return new SpecProblem(
                Reasons.InvalidSpec,
                $"spec.backendRef names '{name}' and the credential is at '{bound}'; a device cannot be moved: "
                + "create a new one and delete this one");
        }

        if (backend is null)
        {
            return Unavailable(
                $"MailBackend '{name}' does not exist; create it, or name another in spec.backendRef "
                + "(a DeviceInvitation cannot be changed: create another)");
        }

        return BackendValidator.EndProblems(backend, registry) is { Count: > 0 } problems
            ? Unavailable($"MailBackend '{name}' cannot be used: {string.Join("; ", problems)}")
            : null;
    }

    private static SpecProblem Unavailable(string message) => new(Reasons.BackendUnavailable, message);
}
