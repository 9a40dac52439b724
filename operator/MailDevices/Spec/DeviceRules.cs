using MailOperator.Api;
using MailOperator.MailBackends;
using MailOperator.Passwords;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Spec;

/// <summary>The rules that the spec of a MailDevice must keep by itself, whatever its MailBackend.</summary>
internal static class DeviceRules
{
    public const int MaxRestartTargets = 16;

    // Each gives the message to report if the spec breaks it. Only the first message is reported.
    private static readonly Func<MailDevice, string?>[] Rules =
    [
        static device => device.DecodeError is { } error ? $"The object does not fit its schema: {error}" : null,
        Mailbox,
        static device => device.Spec.UserRef is { Name.Length: 0 }
            ? "spec.userRef.name is empty; name a MailUser or leave spec.userRef out"
            : null,
        static device => device.Spec.Protocols is { Length: 0 }
            ? "spec.protocols is empty; leave it out to allow all protocols"
            : null,
        static device => device.Spec.AllowedNetworks is { Length: 0 }
            ? "spec.allowedNetworks is empty; leave it out to allow every network"
            : null,
        Networks,
        ChosenPasswordResolver.Invalid,
        static device => device.Spec.Password?.Length is < AppPassword.MinLength or > AppPassword.MaxLength
            ? $"spec.password.length must be {AppPassword.MinLength} to {AppPassword.MaxLength}"
            : null,
        static device => IsNoDuration(device.Spec.Rotation?.Overlap)
            ? $"spec.rotation.overlap '{device.Spec.Rotation!.Overlap}' is not a duration such as 24h, 30m or 1d12h"
            : null,
        static device => IsNoDuration(device.Spec.Rotation?.Interval)
            ? $"spec.rotation.interval '{device.Spec.Rotation!.Interval}' is not a duration such as 90d or 24h"
            : null,
        static device => RotationWindow.Problem(device.Spec.Rotation?.Window),
        SecretType,
        SecretMetadata,
        static device => SecretDataResolver.Problem(device.Spec.Secret?.Data),
        RestartTargets,
    ];

    /// <summary>The first rule that the device breaks; null if it breaks none.</summary>
    public static SpecProblem? Problem(MailDevice device) =>
        Rules.Select(rule => rule(device)).FirstOrDefault(static message => message is not null) is { } broken
            ? new SpecProblem(Reasons.InvalidSpec, broken)
            : null;

    /// <summary>Whether a spec may neither set nor remove this label or annotation of a Secret.</summary>
    public static bool IsReserved(string key) =>
        key.StartsWith("mailoperator.io/", StringComparison.Ordinal)
        || key.StartsWith("argocd.argoproj.io/", StringComparison.Ordinal)
        || key is Annotations.ManagedByLabel or "kubectl.kubernetes.io/last-applied-configuration";

    private static string? Mailbox(MailDevice device) => MailboxAddress.IsValid(device.Spec.Mailbox)
        ? null
        : $"spec.mailbox '{device.Spec.Mailbox}' is not a mail address that can be used";

    private static string? Networks(MailDevice device) =>
        (device.Spec.AllowedNetworks ?? []).FirstOrDefault(static one => !Network.TryParse(one, out _)) is { } network
            ? $"spec.allowedNetworks holds '{network}', which is not a network such as 10.0.0.0/8 or 2001:db8::/32"
            : null;

    // Kubernetes requires other keys in most of its own types, and makes Opaque of the empty type.
    private static string? SecretType(MailDevice device) => device.Spec.Secret?.Type switch
    {
        null or "kubernetes.io/basic-auth" => null,
        { Length: > 0 } type when !IsOfKubernetes(type) => null,
        { } type => $"spec.secret.type '{type}' cannot hold a mail password; "
            + "use Opaque, servicebinding.io/smtp or kubernetes.io/basic-auth",
    };

    private static bool IsOfKubernetes(string type) =>
        $".{type.Split('/')[0]}".EndsWith(".kubernetes.io", StringComparison.Ordinal);

    private static string? SecretMetadata(MailDevice device)
    {
        SecretSpec? secret = device.Spec.Secret;
        IEnumerable<string> keys = (secret?.Labels ?? []).Keys.Concat((secret?.Annotations ?? []).Keys);
        return keys.FirstOrDefault(IsReserved) is { } key
            ? $"spec.secret may not set '{key}', which the operator keeps itself"
            : null;
    }

    private static string? RestartTargets(MailDevice device)
    {
        RolloutTargetSpec[] targets = device.Spec.RolloutRestartTargets ?? [];
        return targets.Length > MaxRestartTargets
                ? $"spec.rolloutRestartTargets holds more than {MaxRestartTargets} workloads"
            : targets.FirstOrDefault(static target => !IsName(target.Name)) is { } wrong
                ? $"spec.rolloutRestartTargets names '{wrong.Name}', which is no name of a {wrong.Kind}"
            : null;
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 253 && !name.Contains('/', StringComparison.Ordinal);

    private static bool IsNoDuration(string? text) => text is not null && Durations.Parse(text) is null;
}
