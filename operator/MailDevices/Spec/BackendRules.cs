using MailOperator.Api;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Spec;

/// <summary>The rules that the defaults of a MailBackend must keep so that its devices can use them.</summary>
internal static class BackendRules
{
    /// <summary>What keeps its devices from a new password, but not from the one they have; null if nothing.</summary>
    public static SpecProblem? IssueProblem(MailBackend backend) =>
        backend.Spec.Hashing?.WorkFactor is < 4 or > 15
            ? new SpecProblem(
                Reasons.BackendUnavailable,
                $"MailBackend '{backend.Metadata.Name}' cannot be used for a new password: "
                + "spec.hashing.workFactor must be 4 to 15")
            : null;

    /// <summary>The first rule that the MailBackend breaks; null if it breaks none.</summary>
    /// <param name="backend">The MailBackend.</param>
    /// <param name="client">The servers that its mail clients use.</param>
    public static SpecProblem? Problem(MailBackend backend, ClientSpec client)
    {
        BackendRotationSpec? rotation = backend.Spec.Rotation;
        string? message = client is { Imap: null, Pop3: null, Smtp: null } ? "spec.client names no endpoint"
            : rotation?.Overlap is { } overlap && Durations.Parse(overlap) is null
                ? $"spec.rotation.overlap '{overlap}' is not a duration"
            : rotation?.Interval is { } interval && Durations.Parse(interval) is null
                ? $"spec.rotation.interval '{interval}' is not a duration"
            : RotationWindow.Problem(rotation?.Window) ?? ExpiryResolver.BackendProblem(backend);
        return message is null
            ? null
            : new SpecProblem(
                Reasons.BackendUnavailable, $"MailBackend '{backend.Metadata.Name}' cannot be used: {message}");
    }
}
