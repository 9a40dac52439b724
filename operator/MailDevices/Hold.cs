using MailOperator.Api;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Revocation;
using MailOperator.MailDevices.Secrets;

namespace MailOperator.MailDevices;

/// <summary>Why a device gets nothing now, and what follows once its passwords have ended. Pure.</summary>
/// <param name="Verdict">What to report.</param>
internal sealed record Hold(DeviceVerdict Verdict)
{
    /// <summary>The device is deleted.</summary>
    public bool IsDeletion { get; init; }

    /// <summary>Its grant is withdrawn, and what was issued under it ends.</summary>
    public bool IsWithdrawal { get; init; }

    /// <summary>Its password expired.</summary>
    public bool IsExpiry { get; init; }

    /// <summary>When to look again although nothing changed; null for never.</summary>
    public TimeSpan? RecheckAfter { get; init; }

    /// <summary>What to do after the ends of this plan. None of it gives a right.</summary>
    public MailDevicePlan Follow(MailDeviceSnapshot device, RevocationPlan ends, DateTimeOffset now)
    {
        IEnumerable<Change> changes = this switch
        {
            { IsDeletion: true } => OfDeletion(device, ends, now),
            { IsWithdrawal: true } => OfWithdrawal(device, ends),
            { IsExpiry: true } => OfExpiry(device, now),
            // Its deletion must wait for the revocation, whoever removed the finalizer.
            _ when device is { HasFinalizer: false, IsDeleting: false, Slots.IsEmpty: false } =>
                [new Change.AddFinalizer()],
            _ => [],
        };
        return new MailDevicePlan([.. changes], VerdictOn(ends.After), RecheckAfter);
    }

    // A pause does not change whether the password works; its end does, and the loss of its Secret.
    private DeviceVerdict VerdictOn(MailDeviceSnapshot after) => Verdict.Reason == Reasons.Paused
        && after.AreSlotsKnown
        && (after.Secret is not SecretState.Owned { IsDeleting: false }
            || after.Slots.All(static slot => slot.Restrictions.IsSuspended))
            ? Verdict with { Ready = Reporting.ReadyStatus.False }
            : Verdict;

    private static IEnumerable<Change> OfDeletion(MailDeviceSnapshot device, RevocationPlan ends, DateTimeOffset now)
    {
        bool isRetained = device.OtherPlaces.Any(static place => place.IsRetentionAllowed)
            && device.DeletionPolicy == DeletionPolicy.Retain
            && !StopsInForce.IsExpired(device, now) && !device.IsGrantRevoked;
        if (!ends.IsNothingLeft && !(device.IsAbandoned && ends.Pending is null))
        {
            yield break;
        }

        if (!isRetained && !device.IsAbandoned && device.LoginCheck is { Endpoint: { } endpoint } check)
        {
            yield return new Change.ExpectRefusal(
                endpoint, check.Username, check.TimeToRefusal(device.DeletedAt ?? now, now));
        }

        yield return new Change.AnnounceEnd(isRetained);
        foreach (ObsoleteSecret secret in device.ObsoleteSecrets)
        {
            yield return new Change.DeleteSecret(secret);
        }

        yield return new Change.RemoveFinalizer { LeavesPasswords = isRetained || device.IsAbandoned };
    }

    // The object stays. Without its finalizer it is like one that never had a password.
    private static IEnumerable<Change> OfWithdrawal(MailDeviceSnapshot device, RevocationPlan ends)
    {
        if (!ends.IsNothingLeft)
        {
            yield break;
        }

        foreach (ObsoleteSecret secret in device.ObsoleteSecrets)
        {
            yield return new Change.DeleteSecret(secret);
        }

        if (device.HasFinalizer)
        {
            yield return new Change.RemoveFinalizer();
        }
    }

    /// <summary>
    /// Deletes the Secret too. If <c>spec.expiry</c> moves to a later time, a new one is issued.
    /// </summary>
    private static IEnumerable<Change> OfExpiry(MailDeviceSnapshot device, DateTimeOffset now)
    {
        if (device.Secret is SecretState.Owned { IsDeleting: false } secret)
        {
            if (device.LoginCheck is { Endpoint: { } endpoint } check)
            {
                // Slots that are removed only now may have worked until now.
                DateTimeOffset ended = device.Slots.IsEmpty ? device.Stops.EndsAt!.Value : now;
                yield return new Change.ExpectRefusal(endpoint, check.Username, check.TimeToRefusal(ended, now));
            }

            yield return new Change.DeleteSecret(new ObsoleteSecret(secret.Name, secret.Uid));
        }

        foreach (ObsoleteSecret obsolete in device.ObsoleteSecrets)
        {
            yield return new Change.DeleteSecret(obsolete);
        }
    }
}
