using MailOperator.Reporting;

namespace MailOperator.MailDevices.Planning;

/// <summary>A device's <see cref="Verdict"/>, with what its other conditions say.</summary>
/// <inheritdoc cref="Verdict"/>
internal sealed record DeviceVerdict(ReadyStatus Ready, string Reason, string Message) : Verdict(Ready, Reason, Message)
{
    /// <summary>A password that has ended may still be of use somewhere: what is still to come for it; null if nothing is.</summary>
    public string? PendingRevocation { get; init; }

    /// <summary>What stands in the way of that needs a look.</summary>
    public bool IsRevocationBlocked { get; init; }

    /// <summary>Why a rotation that was asked for is not made; null if none is refused.</summary>
    public string? RefusedRotation { get; init; }

    /// <summary>What could not be restarted and why.</summary>
    public string? RestartProblem { get; init; }

    /// <summary>The password has less than a day to live: when it ends.</summary>
    public DateTimeOffset? ExpiringAt { get; init; }
}
