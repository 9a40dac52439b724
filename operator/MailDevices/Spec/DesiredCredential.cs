using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;

namespace MailOperator.MailDevices.Spec;

/// <summary>What a device's spec and its backend's settings ask for, checked and with every default filled in.</summary>
internal sealed record DesiredCredential
{
    public required string BackendName { get; init; }

    /// <summary>What the mail system is to let in.</summary>
    public required DesiredAccess Access { get; init; }

    /// <summary>Where the password comes from.</summary>
    public required DesiredPassword Password { get; init; }

    /// <summary>bcrypt's cost.</summary>
    public required int WorkFactor { get; init; }

    /// <summary>When it is replaced, and when it ends.</summary>
    public required DesiredLifetime Lifetime { get; init; }

    /// <summary>What the Secret looks like.</summary>
    public required DesiredSecret Secret { get; init; }

    /// <summary>Whether the backend lists everything at once, so that a probe finds what is amiss; else each device must look.</summary>
    public bool IsProbed { get; init; } = true;

    /// <summary>What is restarted once a new password is in the Secret; in the namespace of the device.</summary>
    public ImmutableArray<RolloutTarget> RestartTargets { get; init; } = [];

    /// <summary>The Secret that holds the chosen password; null where none was chosen.</summary>
    public LocalSecretKeyReference? Source => (Password as DesiredPassword.Chosen)?.Source;

    /// <summary>The device as the mail system is told of it; null where it does not make the passwords.</summary>
    public DeviceDescription? Device => (Password as DesiredPassword.MadeByBackend)?.Device;

    /// <summary>For what a password of the mail system is made: another scope asks for another password. "" for others.</summary>
    public string Scope => Device is { } device ? $"{string.Join(',', Access.Restrictions.Protocols)};{device.UserId}" : "";

    /// <summary>The credential as it may be used while its user, if it has one, is as it is now.</summary>
    public DesiredCredential For(MailUser? user) => user is null ? this : this with
    {
        Access = Access.For(user),
        Password = Password is DesiredPassword.MadeByBackend made
            ? new DesiredPassword.MadeByBackend(made.Device with { User = user.Metadata.Name, UserId = user.Spec.ExternalId })
            : Password,
    };
}
