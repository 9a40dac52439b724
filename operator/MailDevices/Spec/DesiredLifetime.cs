using MailOperator.Kubernetes;

namespace MailOperator.MailDevices.Spec;

/// <summary>When a password is replaced, and when it ends.</summary>
internal sealed record DesiredLifetime
{
    /// <summary>How long a previous password goes on working, counted from the new one's commit.</summary>
    public required TimeSpan Overlap { get; init; }

    /// <summary>How often it is replaced by itself; null means only when asked.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>When it may be replaced by itself; null means at any time.</summary>
    public RotationWindow? Window { get; init; }

    /// <summary>When it ends for good; null means never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whether the backend itself ends a slot at its time, also while no operator runs.</summary>
    public bool EndsAtBackend { get; init; }

    /// <summary>What a slot that works until then (null: for good) must say at the backend.</summary>
    public DateTimeOffset? NotAfter(DateTimeOffset? retiresAt) =>
        !EndsAtBackend ? null
            : retiresAt is { } end && !(ExpiresAt < end) ? end
            : ExpiresAt is { } expires ? Rfc3339.WholeSeconds(expires)
            : null;
}
