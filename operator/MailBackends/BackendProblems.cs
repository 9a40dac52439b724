using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailServers;

namespace MailOperator.MailBackends;

/// <summary>Judges whether a MailBackend can be used at all: the one place for it.</summary>
internal static class BackendProblems
{
    /// <summary>What is wrong with it, each as a clause; empty if it can be used.</summary>
    public static IReadOnlyList<string> Of(MailBackend backend, BackendRegistry registry) =>
        backend.DecodeError is not null
            ? ["it does not fit its schema"]
            : [.. registry.Validate(backend.Spec), .. DoveadmProblems.Of(backend.Spec)];

    /// <summary>Whether its settings are such that a driver can work with them.</summary>
    public static bool IsUsable(MailBackend backend, BackendRegistry registry) => Of(backend, registry).Count == 0;
}
