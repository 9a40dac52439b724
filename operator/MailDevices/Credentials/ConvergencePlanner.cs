using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Revocation;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Credentials;

/// <summary>Plans how backend and Secret converge on the spec without a new password. Pure.</summary>
internal static class ConvergencePlanner
{
    /// <summary>When a failed restart is retried.</summary>
    public static readonly TimeSpan RestartRecheck = TimeSpan.FromMinutes(1);

    /// <summary>How long before a password's end the condition Expiring is set.</summary>
    public static readonly TimeSpan ExpiryWarning = TimeSpan.FromDays(1);

    /// <summary>How often a device is checked if its backend cannot list the slots of all devices at once.</summary>
    public static readonly TimeSpan UnprobedRecheck = TimeSpan.FromHours(1);

    public static MailDevicePlan Converge(MailDeviceSnapshot device, SecretState.Owned secret, DateTimeOffset now)
    {
        ILookup<SlotPhase, Slot> slots =
            device.Slots.ToLookup(slot => SlotPhases.Of(slot, device, secret.Credential, now));
        ImmutableArray<Slot> adjusted = Adjusted(
            device.Desired!, secret.Credential.Retiring, slots[SlotPhase.Current].Concat(slots[SlotPhase.Retiring]));
        SecretState.Owned updated = EndedPasswords.Update(device, secret, now);
        bool isSecretInSync = secret is { MatchesDesired: true, MustBeReplaced: false } && updated == secret;
        bool areSlotsInSync = slots[SlotPhase.Current].Any() && adjusted.IsEmpty;
        return new MailDevicePlan(
            [
                .. SyncSlots(device, secret, slots, adjusted),
                .. SyncSecret(device, secret, updated),
                .. device.ObsoleteSecrets.Select(static obsolete => new Change.DeleteSecret(obsolete)),
                .. isSecretInSync && areSlotsInSync ? VerifyLogin(device, secret, now) : [],
                .. isSecretInSync ? RestartRollouts(device, secret) : [],
                .. isSecretInSync ? TryEndedPassword(device, secret, now) : [],
            ],
            VerdictOf(device, secret, slots, now),
            RecheckTime.Until(NextLooks(device, secret, now), now));
    }

    private static IEnumerable<Change> SyncSlots(
        MailDeviceSnapshot device,
        SecretState.Owned secret,
        ILookup<SlotPhase, Slot> slots,
        ImmutableArray<Slot> adjusted)
    {
        // A leaked password that only its source can replace has ended, and must not come back.
        if (!slots[SlotPhase.Current].Any() && !RotateRequest.IsRevocationAsked(device))
        {
            yield return new Change.RestoreSlot(secret);
        }

        if (!adjusted.IsEmpty)
        {
            yield return new Change.PutSlots(adjusted);
        }
    }

    private static IEnumerable<Change> SyncSecret(
        MailDeviceSnapshot device, SecretState.Owned secret, SecretState.Owned updated)
    {
        if (secret.MustBeReplaced)
        {
            yield return new Change.ReplaceSecret(secret);
        }
        else if (ChosenPasswordPlanner.RotationToMark(device, secret) is { } mark)
        {
            yield return mark;
        }
        else if (!secret.MatchesDesired || updated != secret)
        {
            yield return new Change.RepairSecret(updated);
        }
    }

    private static IEnumerable<Change> VerifyLogin(
        MailDeviceSnapshot device, SecretState.Owned secret, DateTimeOffset now) =>
        device.LoginCheck is { } check && check.IsDue(secret, now) ? [new Change.VerifyLogin(secret)] : [];

    private static IEnumerable<Change> RestartRollouts(MailDeviceSnapshot device, SecretState.Owned secret) =>
        secret.Credential.IsRestartOwed
            ? [new Change.RestartRollouts(secret, device.Desired!.RestartTargets)]
            : [];

    private static IEnumerable<Change> TryEndedPassword(
        MailDeviceSnapshot device, SecretState.Owned secret, DateTimeOffset now) =>
        EndedPasswords.DueTry(device, secret, now) is { } due ? [due] : [];

    private static IEnumerable<DateTimeOffset> NextLooks(
        MailDeviceSnapshot device, SecretState.Owned secret, DateTimeOffset now) =>
    [
        .. secret.Credential.Retiring.Select(static retiring => retiring.At).Where(at => at > now),
        .. OneOrNone(NextRotation(device, secret, now)),
        .. ExpiryLooks(device.Desired!.Lifetime.ExpiresAt, now),
        .. OneOrNone(secret.Credential.IsRestartOwed ? now + RestartRecheck : null),
        .. OneOrNone(device.LoginCheck?.NextTry(secret, now)),
        .. EndedPasswords.NextTries(device, secret, now),
        .. OneOrNone(device.Desired.IsProbed ? null : now + UnprobedRecheck),
        .. OneOrNone(device.Source is null ? null : now + ChosenPasswordPlanner.SourceRecheck),
    ];

    private static DateTimeOffset? NextRotation(
        MailDeviceSnapshot device, SecretState.Owned secret, DateTimeOffset now) =>
        RotationSchedule.Next(
            device.Uid, secret.Credential, device.Desired!.Lifetime.Interval, device.Desired.Lifetime.Window, now);

    private static IEnumerable<DateTimeOffset> ExpiryLooks(DateTimeOffset? expiresAt, DateTimeOffset now)
    {
        if (expiresAt is not { } end)
        {
            return [];
        }

        DateTimeOffset warning = end - ExpiryWarning;
        return warning > now ? [warning, end] : [end];
    }

    private static DateTimeOffset[] OneOrNone(DateTimeOffset? time) => time is { } one ? [one] : [];

    /// <summary>The slots that differ from the spec, changed to match it.</summary>
    /// <param name="desired">The resolved spec.</param>
    /// <param name="retiring">When earlier credentials end; if null, the slots keep their ends.</param>
    /// <param name="slots">The slots to compare.</param>
    public static ImmutableArray<Slot> Adjusted(
        DesiredCredential desired, ImmutableArray<RetiringCredential>? retiring, IEnumerable<Slot> slots) =>
    [
        .. slots
            .Select(slot => (Is: slot, Wanted: slot with
            {
                // A backend that makes the passwords fixes their restrictions: other ones need another password.
                Restrictions = desired.Device is not null
                    ? slot.Restrictions with { DeviceName = desired.Access.Restrictions.DeviceName }
                    : desired.Access.Restrictions,
                Mailbox = desired.Access.Mailbox,
                NotAfter = retiring is { } known
                    ? desired.Lifetime.NotAfter(known.FirstOrDefault(one => one.Selector == slot.Selector)?.At)
                    : slot.NotAfter,
                IsIntact = true,
                IsRetained = false,
            }))
            .Where(static slot => slot.Is != slot.Wanted)
            .Select(static slot => slot.Wanted),
    ];

    private static DeviceVerdict VerdictOf(
        MailDeviceSnapshot device, SecretState.Owned secret, ILookup<SlotPhase, Slot> slots, DateTimeOffset now)
    {
        DeviceVerdict verdict = ChosenPasswordPlanner.VerdictOf(device)
            ?? VerdictOf(device.Desired!, secret, isRetiring: slots[SlotPhase.Retiring].Any());
        DateTimeOffset? end = device.Desired!.Lifetime.ExpiresAt;
        return verdict with { ExpiringAt = end - ExpiryWarning <= now ? end : null };
    }

    private static DeviceVerdict VerdictOf(DesiredCredential desired, SecretState.Owned secret, bool isRetiring) =>
        desired switch
        {
            { Access.SuspendedUser: { } user } => new DeviceVerdict(
                ReadyStatus.False,
                Reasons.UserSuspended,
                $"The mail system keeps the password but refuses it while MailUser '{user}' is suspended"),
            { Access.Restrictions.IsSuspended: true } => new DeviceVerdict(
                ReadyStatus.False,
                Reasons.Suspended,
                "The mail system keeps the password but refuses it while spec.suspended is true"),
            _ => new DeviceVerdict(
                ReadyStatus.True,
                isRetiring ? Reasons.Retiring : Reasons.Issued,
                $"{HolderOf(desired, secret)} holds a password that MailBackend '{desired.BackendName}' accepts "
                + $"for {desired.Access.Username}"
                + (desired.Access.Restrictions.MaySend
                    ? ""
                    : "; sending is refused because spec.sending of its MailUser is Denied")
                + (isRetiring ? "; the previous one still works until its overlap ends" : "")),
        };

    private static string HolderOf(DesiredCredential desired, SecretState.Owned secret)
    {
        string inSecret = $"Secret '{secret.Name}'";
        return desired.Password.Match(
            generated: _ => inSecret,
            chosen: _ => inSecret,
            claimed: static one => one.Holder is { } user ? $"MailUser '{user}'" : "A person",
            madeByBackend: _ => inSecret);
    }
}
