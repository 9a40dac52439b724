using MailOperator.Kubernetes;
using MailOperator.MailBackends;

namespace MailOperator.MailDevices.Spec;

/// <summary>When a password is rotated, and when it expires.</summary>
internal sealed record DesiredLifetime
{
    /// <summary>How long a previous password stays valid, from the commit of the new one.</summary>
    public required TimeSpan Overlap { get; init; }

    /// <summary>How often it is rotated automatically; null means only on request.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>When it may be rotated automatically; null means at any time.</summary>
    public RotationWindow? Window { get; init; }

    /// <summary>When it expires; null means never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whether the backend ends a slot at its time by itself, also while no operator runs.</summary>
    public bool EndsAtBackend { get; init; }

    /// <summary>The end to store with a slot at the backend; null if it stores none.</summary>
    /// <param name="retiresAt">When the overlap of its credential ends; null for the current one.</param>
    public DateTimeOffset? NotAfter(DateTimeOffset? retiresAt) =>
        !EndsAtBackend ? null
            : retiresAt is { } end && !(ExpiresAt < end) ? end
            : ExpiresAt is { } expires ? Rfc3339.WholeSeconds(expires)
            : null;
}
