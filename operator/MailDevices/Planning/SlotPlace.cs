using System.Collections.Immutable;
using MailOperator.Backends;

namespace MailOperator.MailDevices.Planning;

/// <summary>A MailBackend that may hold slots of the device, and what it holds.</summary>
/// <param name="Name">Name of the MailBackend; null for the device's own.</param>
internal sealed record SlotPlace(string? Name)
{
    /// <summary>The slots that have not ended.</summary>
    public ImmutableArray<Slot> Slots { get; init; } = [];

    /// <summary>The slots that it refuses already and keeps until the mail servers are told.</summary>
    public ImmutableArray<Slot> EndedSlots { get; init; } = [];

    /// <summary>
    /// How long mail servers may still accept a slot after its end. They are told only after that; null if there are
    /// none to tell.
    /// </summary>
    public TimeSpan? PropagationDelay { get; init; }

    public BackendCapabilities Capabilities { get; init; }

    /// <summary>The grants let the device's passwords outlive it.</summary>
    public bool IsRetentionAllowed { get; init; }

    /// <summary>Why its slots are not known; null if they are.</summary>
    public MailBackendException? Failure { get; init; }
}
