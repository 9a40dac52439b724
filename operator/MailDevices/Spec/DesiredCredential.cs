using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;

namespace MailOperator.MailDevices.Spec;

/// <summary>
/// The credential that a device's spec and its MailBackend ask for, validated and with every default filled in.
/// </summary>
internal sealed record DesiredCredential
{
    public required string BackendName { get; init; }

    public required DesiredAccess Access { get; init; }

    /// <summary>Where the password comes from.</summary>
    public required DesiredPassword Password { get; init; }

    /// <summary>The cost of bcrypt.</summary>
    public required int WorkFactor { get; init; }

    /// <summary>When the password is rotated, and when it expires.</summary>
    public required DesiredLifetime Lifetime { get; init; }

    /// <summary>The Secret, but for the password in it.</summary>
    public required DesiredSecret Secret { get; init; }

    /// <summary>
    /// Whether the backend lists all slots at once, so that a probe finds deviations; else each device must check.
    /// </summary>
    public bool IsProbed { get; init; } = true;

    /// <summary>Workloads in the namespace of the device to restart when the Secret has a new password.</summary>
    public ImmutableArray<RolloutTarget> RestartTargets { get; init; } = [];

    /// <summary>The Secret with the chosen password; null if none was chosen.</summary>
    public LocalSecretKeyReference? Source => (Password as DesiredPassword.Chosen)?.Source;

    /// <summary>The device as the mail system shows it; null if the mail system does not make the password.</summary>
    public DeviceDescription? Device => (Password as DesiredPassword.MadeByBackend)?.Device;

    /// <summary>
    /// The scope of a password that the mail system makes: a change requires another password. "" for others.
    /// </summary>
    public string Scope =>
        Device is { } device ? $"{string.Join(',', Access.Restrictions.Protocols)};{device.UserId}" : "";

    /// <summary>The credential with the restrictions of its user, if it has one.</summary>
    public DesiredCredential For(MailUser? user) => user is null ? this : this with
    {
        Access = Access.For(user),
        Password = Password is DesiredPassword.MadeByBackend made
            ? new DesiredPassword.MadeByBackend(
                made.Device with { User = user.Metadata.Name, UserId = user.Spec.ExternalId })
            : Password,
    };
}
