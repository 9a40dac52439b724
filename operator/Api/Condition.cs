namespace MailOperator.Api;

/// <summary>A condition in the standard form of Kubernetes.</summary>
internal sealed record Condition
{
    public required string Type { get; init; }

    /// <summary>"True", "False" or "Unknown".</summary>
    public required string Status { get; init; }

    /// <summary>One of <see cref="Reasons"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>What the state is, which object it concerns, and what to do now.</summary>
    public required string Message { get; init; }

    /// <summary>The generation of the spec that was judged.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>When <see cref="Status"/> last changed; whole seconds, UTC.</summary>
    public DateTimeOffset LastTransitionTime { get; init; }
}
