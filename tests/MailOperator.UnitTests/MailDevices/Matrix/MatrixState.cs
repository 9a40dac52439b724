using System.Collections.Immutable;
using MailOperator.Backends;
using MailOperator.MailDevices.Planning;

namespace MailOperator.UnitTests.MailDevices.Matrix;

/// <summary>Something that is wrong, or unusual, while a stop comes.</summary>
/// <param name="Name">For the page and the output.</param>
/// <param name="Impose">The device in that state.</param>
internal sealed record MatrixState(string Name, Func<MailDeviceSnapshot, MailDeviceSnapshot> Impose)
{
    /// <summary>What fails in that state; null if all that is planned can be done.</summary>
    public Predicate<Change>? Fails { get; init; }

    /// <summary>In which ways it fails; each of them is tried.</summary>
    public ImmutableArray<BackendFailure> Failures { get; init; } = [BackendFailure.Unavailable];

    /// <summary>The methods that find such a problem with a device, as <c>Type.Method</c>.</summary>
    public ImmutableArray<string> Causes { get; init; } = [];

    /// <summary>
    /// The stops that the state may hold up, because nothing can be done about it. The status must then say so.
    /// </summary>
    public Func<MatrixStop, bool> MayHold { get; init; } = static _ => false;
}

/// <summary>What a mail system can do.</summary>
/// <param name="Name">For the output.</param>
/// <param name="Capabilities">What it can enforce.</param>
/// <param name="Delay">How long mail servers may accept an ended password; null if none is told.</param>
internal sealed record MatrixDriver(string Name, BackendCapabilities Capabilities, TimeSpan? Delay)
{
    private const BackendCapabilities Store = BackendCapabilities.Hash | BackendCapabilities.Overlap
        | BackendCapabilities.List | BackendCapabilities.ChosenPassword;

    private const BackendCapabilities Limits =
        BackendCapabilities.Protocols | BackendCapabilities.SendRight | BackendCapabilities.Networks;

    /// <summary>One for each combination of capabilities that the drivers have.</summary>
    public static readonly MatrixDriver[] All =
    [
        new("passwdFile", Store | Limits, Delay: null),
        new("passwdFile, doveadm", Store | Limits, TimeSpan.FromSeconds(2)),
        new("sql, doveadm", Store | Limits | BackendCapabilities.Expiry, TimeSpan.Zero),
        new("ldap", Store | BackendCapabilities.Protocols, Delay: null),
        new("webhook, limits nothing", Store, Delay: null),
        new("infomaniak", BackendCapabilities.Overlap | BackendCapabilities.List | BackendCapabilities.Issued, null),
    ];

    public bool Can(BackendCapabilities capability) => Capabilities.HasFlag(capability);
}
