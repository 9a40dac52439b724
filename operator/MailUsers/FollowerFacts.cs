using MailOperator.Api;
using MailOperator.Reporting;

namespace MailOperator.MailUsers;

/// <summary>
/// What a device's status tells its MailUser. If it does not change, the user's status does not change either.
/// </summary>
internal sealed record FollowerFacts
{
    /// <summary>It may have passwords: others have nothing that a user could restrict.</summary>
    public required bool MayHavePasswords { get; init; }

    /// <summary>The version of the user that the mail system enforces for it; null if none is known.</summary>
    public required EnforcedUser? User { get; init; }

    /// <summary>Its own spec, as it is now, is enforced. An earlier one may have named another user.</summary>
    public required bool IsOfItsSpec { get; init; }

    /// <summary>The reason and message of RevocationPending; null if nothing is pending.</summary>
    public required (string Reason, string Message)? Pending { get; init; }

    /// <summary>The mail system refuses it because its user is, or was, suspended.</summary>
    public required bool IsSuspendedByUser { get; init; }

    /// <summary>The message of Ready if it is not True; null if it is or if there is none yet.</summary>
    public required string? Problem { get; init; }

    /// <summary>What was to end has not ended, and does not without help.</summary>
    public bool IsBlocked => Pending is { Reason: Reasons.RevocationBlocked };

    /// <summary>The facts of this device as the cache has it.</summary>
    public static FollowerFacts Of(MailDevice device)
    {
        MailDeviceStatus? status = device.Status;
        Condition? Find(string type) => StatusConditions.Find(status?.Conditions ?? [], type);
        Condition? ready = Find(ConditionTypes.Ready);
        return new FollowerFacts
        {
            MayHavePasswords = device.HasFinalizer || status?.Credentials is { Length: > 0 },
            User = status?.EnforcedUser,
            IsOfItsSpec = status?.EnforcedGeneration is { } generation && generation == device.Metadata.Generation,
            Pending = Find(ConditionTypes.RevocationPending) is { } pending ? (pending.Reason, pending.Message) : null,
            IsSuspendedByUser = Find(ConditionTypes.Suspended) is { Reason: Reasons.UserSuspended },
            Problem = ready is null || ready.IsTrue() ? null : ready.Message,
        };
    }
}
