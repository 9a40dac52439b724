using System.Diagnostics.CodeAnalysis;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Spec;
using MailOperator.Reporting;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>Resolves a device for a backend whose clients use the servers of its spec.</summary>
internal static class Resolving
{
    public static bool TryResolve(
        MailDevice device,
        MailBackend backend,
        BackendCapabilities capabilities,
        [NotNullWhen(true)] out DesiredCredential? desired,
        [NotNullWhen(false)] out SpecProblem? problem) =>
        MailDeviceResolver.TryResolve(device, backend, backend.Spec.Client!, capabilities, out desired, out problem);
}
