using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailServers;

namespace MailOperator.MailBackends;

/// <summary>Decides whether a MailBackend can be used at all. Nothing else decides it.</summary>
internal static class BackendValidator
{
    /// <summary>What is wrong with it, each problem as a clause; empty if it can be used.</summary>
    public static IReadOnlyList<string> Validate(MailBackend backend, BackendRegistry registry) =>
        backend.DecodeError is not null
            ? ["it does not fit its schema"]
            : [.. registry.Validate(backend.Spec), .. DoveadmValidator.Validate(backend.Spec)];

    /// <summary>Whether its driver can work, which is all that taking rights away needs.</summary>
    public static bool CanEnd(MailBackend backend, BackendRegistry registry) =>
        registry.Validate(backend.Spec).Count == 0;

    /// <summary>Whether a driver can work with its settings.</summary>
    public static bool IsUsable(MailBackend backend, BackendRegistry registry) =>
        Validate(backend, registry).Count == 0;
}
