using MailOperator.Reporting;

namespace MailOperator.MailDevices.Planning;

/// <summary>A device's <see cref="Verdict"/> and the facts for its other conditions.</summary>
/// <inheritdoc cref="Verdict"/>
internal sealed record DeviceVerdict(ReadyStatus Ready, string Reason, string Message) : Verdict(Ready, Reason, Message)
{
    /// <summary>
    /// A mail server may still accept a password that has ended. Says what happens next; null if none may.
    /// </summary>
    public string? PendingRevocation { get; init; }

    /// <summary>The revocation does not finish without somebody's help.</summary>
    public bool IsRevocationBlocked { get; init; }

    /// <summary>Something holds back all that gives, so a failure elsewhere is not the reason of Ready.</summary>
    public bool IsHold { get; init; }

    /// <summary>Everything that takes rights away was carried out, as far as the backend can.</summary>
    public bool AreEndsDone { get; init; }

    /// <summary>Why a requested rotation is refused; null if none is.</summary>
    public string? RefusedRotation { get; init; }

    /// <summary>What could not be restarted and why; null if everything was.</summary>
    public string? RestartProblem { get; init; }

    /// <summary>When the password ends, if that is less than a day away; otherwise null.</summary>
    public DateTimeOffset? ExpiringAt { get; init; }
}
