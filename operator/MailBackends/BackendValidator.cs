using MailOperator.Api;
using MailOperator.Backends;

namespace MailOperator.MailBackends;

/// <summary>Decides whether a MailBackend can be used: as a whole, or at least to end passwords.</summary>
internal static class BackendValidator
{
    /// <summary>Everything that is wrong with it, each as a clause; empty if it can be used as a whole.</summary>
    public static IReadOnlyList<string> Validate(MailBackend backend, BackendRegistry registry) =>
    [
        .. backend.DecodeError is { } error ? [$"it does not fit its schema: {error}"] : Array.Empty<string>(),
        .. EndProblems(backend, registry),
        .. BackendRules.Problems(backend, registry.ClientOf(backend.Spec)),
    ];

    /// <summary>
    /// Whether its store can be reached to end passwords: it has one driver, whose settings are valid. What else is
    /// wrong keeps nobody from ending one.
    /// </summary>
    public static bool CanEnd(MailBackend backend, BackendRegistry registry) =>
        EndProblems(backend, registry).Count == 0;

    /// <summary>What keeps passwords from being ended, each problem as a clause; empty if nothing does.</summary>
    public static IReadOnlyList<string> EndProblems(MailBackend backend, BackendRegistry registry) =>
        backend.Unreadable.Contains("spec", StringComparer.Ordinal) ? ["spec cannot be read"]
            // Half of a driver's settings may lead to another store.
            : registry.Drivers.Select(static driver => $"spec.{driver}").Where(field => !backend.IsReadable(field))
                .Select(static field => $"{field} cannot be read").ToArray() is { Length: > 0 } lost ? lost
            : registry.Validate(backend.Spec);
}
