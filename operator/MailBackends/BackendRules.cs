using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailServers;
using MailOperator.Passwords;
using MailOperator.Reporting;

namespace MailOperator.MailBackends;

/// <summary>
/// The rules that a MailBackend must keep, apart from its driver's. A device that has a password depends on some of
/// them only; a new password on all but those for orphans.
/// </summary>
internal static class BackendRules
{
    private const int MaxUnaskedPerMinute = 6000;

    // A default that a device replaces does not concern it.
    private static readonly ImmutableArray<BackendRule> Lasting =
    [
        new("spec.grants", static _ => null, static (_, _) => true),
        new(
            "spec.rotation.overlap",
            static backend => OverlapProblem(backend.Spec.Rotation?.Overlap),
            static (device, _) => device.Spec.Rotation?.Overlap is null),
        new(
            "spec.rotation.interval",
            static backend => IntervalProblem(backend.Spec.Rotation?.Interval),
            static (device, _) => IsRotatable(device) && device.Spec.Rotation?.Interval is null),
        new(
            "spec.rotation.interval",
            RotationProblem,
            static (device, _) => IsRotatable(device)
                && device.Spec.Rotation is not ({ Overlap: not null } or { Interval: not null })),
        new(
            "spec.rotation.window",
            static backend => RotationWindow.Problem(backend.Spec.Rotation?.Window),
            static (device, backend) => IsRotatable(device)
                && (device.Spec.Rotation?.Interval ?? backend.Spec.Rotation?.Interval) is not null
                && device.Spec.Rotation?.Window is null),
        new(
            "spec.expiry.maximum",
            static backend => DurationProblem("spec.expiry.maximum", backend.Spec.Expiry?.Maximum),
            static (_, _) => true),
        new(
            "spec.expiry.after",
            static backend => DurationProblem("spec.expiry.after", backend.Spec.Expiry?.After) ?? AfterProblem(backend),
            static (device, _) => device.Spec.Expiry is null),
    ];

    // A password is not made if it could not be hashed, tried or ended as the platform team asks.
    private static readonly ImmutableArray<BackendRule> Issuing =
    [
        new("spec.hashing", HashingProblem, static (_, _) => false),
        new("spec.verification", static _ => null, static (_, _) => false),
        new("spec.client.caBundle", BundleProblem, static (_, _) => false),
        new("spec.maxRotationsPerMinute", LimitProblem, static (_, _) => false),
        new(
            "spec.dovecot",
            static backend => DoveadmValidator.Validate(backend.Spec) is var found && found.Any()
                ? string.Join("; ", found)
                : null,
            static (_, _) => false),
    ];

    private static readonly ImmutableArray<BackendRule> Others =
    [
        new("spec.grantWithdrawn", static _ => null, static (_, _) => false),
        new("spec.orphans", static backend => GraceProblem(backend.Spec.Orphans?.Grace), static (_, _) => false),
    ];

    /// <summary>
    /// Every rule that the MailBackend breaks, each as a clause, without those for fields that cannot be read.
    /// </summary>
    /// <param name="backend">The MailBackend.</param>
    /// <param name="client">The servers that its mail clients use.</param>
    public static IEnumerable<string> Problems(MailBackend backend, ClientSpec client) =>
        new[] { backend.IsReadable("spec.client") ? ClientProblem(backend, client) : null }
            .Concat(new[] { Lasting, Issuing, Others }.SelectMany(static rules => rules)
                .Where(rule => backend.IsReadable(rule.Field)).Select(rule => rule.Broken(backend)))
            .OfType<string>();

    /// <summary>The first problem that concerns this device; null if it can go on as it is.</summary>
    /// <param name="backend">Its MailBackend.</param>
    /// <param name="client">The servers that the mail clients of the MailBackend use.</param>
    /// <param name="device">The device.</param>
    public static SpecProblem? Problem(MailBackend backend, ClientSpec client, MailDevice device) => Unusable(
        backend,
        ClientProblem(backend, client) ?? Lasting.Where(rule => rule.Concerns(device, backend))
            .Select(rule => rule.Problem(backend)).FirstOrDefault(static problem => problem is not null));

    /// <summary>
    /// The first problem that only a new password has with the MailBackend; null if one can be made. A device that has
    /// a password keeps it.
    /// </summary>
    public static SpecProblem? IssueProblem(MailBackend backend) => Unusable(
        backend, Issuing.Select(rule => rule.Problem(backend)).FirstOrDefault(static problem => problem is not null));

    /// <summary>
    /// Why the mail servers of the MailBackend cannot be told that a password ended, as a clause; null if they can, or
    /// if there are none. The store refuses the password all the same.
    /// </summary>
    public static string? TellProblem(MailBackend backend) =>
        Issuing.Single(static rule => rule.Field == "spec.dovecot").Problem(backend);

    /// <summary>The problem that a field of the MailBackend cannot be read.</summary>
    public static SpecProblem Unreadable(MailBackend backend, string field) =>
        Unusable(backend, $"{field} cannot be read")!;

    private static SpecProblem? Unusable(MailBackend backend, string? problem) => problem is null
        ? null
        : new SpecProblem(
            Reasons.BackendUnavailable, $"MailBackend '{backend.Metadata.Name}' cannot be used: {problem}");

    private static string? ClientProblem(MailBackend backend, ClientSpec client) =>
        !backend.IsReadable("spec.client") ? "spec.client cannot be read"
            : client is { Imap: null, Pop3: null, Smtp: null } ? "spec.client names no endpoint"
            : null;

    private static string? BundleProblem(MailBackend backend) =>
        CaBundle.Problem(backend.Spec.Client?.CaBundle) is { } problem ? $"spec.client.caBundle {problem}" : null;

    private static string? HashingProblem(MailBackend backend) =>
        backend.Spec.Hashing?.WorkFactor is < PasswordHasher.MinWorkFactor or > PasswordHasher.MaxWorkFactor
            ? $"spec.hashing.workFactor must be {PasswordHasher.MinWorkFactor} to {PasswordHasher.MaxWorkFactor}"
            : null;

    private static string? LimitProblem(MailBackend backend) =>
        backend.Spec.MaxRotationsPerMinute is < 1 or > MaxUnaskedPerMinute
            ? $"spec.maxRotationsPerMinute must be 1 to {MaxUnaskedPerMinute}"
            : null;

    private static string? OverlapProblem(string? text) =>
        DurationProblem("spec.rotation.overlap", text)
        ?? (text is not null && Durations.Parse(text) > RotationLimits.MaxOverlap
            ? $"spec.rotation.overlap '{text}' is longer than {Durations.Format(RotationLimits.MaxOverlap)}"
            : null);

    private static string? IntervalProblem(string? text) =>
        DurationProblem("spec.rotation.interval", text)
        ?? (text is not null && Durations.Parse(text) < RotationLimits.MinInterval
            ? $"spec.rotation.interval '{text}' is shorter than {Durations.Format(RotationLimits.MinInterval)}"
            : null);

    private static string? RotationProblem(MailBackend backend)
    {
        BackendRotationSpec? rotation = backend.Spec.Rotation;
        TimeSpan? overlap = rotation?.Overlap is { } text ? Durations.Parse(text) : RotationLimits.DefaultOverlap;
        return rotation?.Interval is { } interval && Durations.Parse(interval) < overlap
            ? $"spec.rotation.interval '{interval}' is shorter than the overlap of {Durations.Format(overlap.Value)}; "
                + "set spec.rotation.overlap to less"
            : null;
    }

    private static string? AfterProblem(MailBackend backend) =>
        BackendExpiry.After(backend) is { } after && BackendExpiry.Maximum(backend) is { } maximum && after > maximum
            ? $"spec.expiry.after '{Durations.Format(after)}' is later than spec.expiry.maximum "
                + $"'{Durations.Format(maximum)}'"
            : null;

    private static string? GraceProblem(string? grace) => grace is not null && Durations.Parse(grace) is null
        ? $"spec.orphans.grace '{grace}' is not a duration such as 24h"
        : null;

    private static string? DurationProblem(string field, string? text) =>
        text is not null && Durations.Parse(text) is null
            ? $"{field} '{text}' is not a duration such as 90d or 24h"
            : null;

    // The operator cannot make another of the passwords that people chose or took.
    private static bool IsRotatable(MailDevice device) =>
        device.Spec.Password is not ({ ValueFrom: not null } or { InvitationRef: not null });
}
