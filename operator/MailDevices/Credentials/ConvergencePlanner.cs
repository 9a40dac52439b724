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

/// <summary>
/// Plans what makes backend and Secret agree with the spec while the password in the Secret stays the one it is. Pure.
/// </summary>
internal static class ConvergencePlanner
{
    /// <summary>When a restart that was refused is tried again.</summary>
    public static readonly TimeSpan RestartRecheck = TimeSpan.FromMinutes(1);

    /// <summary>How long before its end a password is said to end soon.</summary>
    public static readonly TimeSpan ExpiryWarning = TimeSpan.FromDays(1);

    /// <summary>How often a device is looked at whose backend cannot be asked for all at once.</summary>
    public static readonly TimeSpan UnprobedRecheck = TimeSpan.FromHours(1);

    public static MailDevicePlan Converge(MailDeviceSnapshot device, SecretState.Owned secret, DateTimeOffset now)
    {
        DesiredCredential desired = device.Desired!;
        ILookup<SlotPhase, Slot> slots = device.Slots.ToLookup(slot => SlotPhases.Of(slot, device, secret.Credential, now));

        SecretState.Owned kept = EndedPasswords.Kept(device, secret, slots[SlotPhase.Ended], now);
        var changes = ImmutableArray.CreateBuilder<Change>();
        if (!slots[SlotPhase.Current].Any())
        {
            changes.Add(new Change.RestoreSlot(secret));
        }

        ImmutableArray<Slot> adjusted = Adjusted(desired, secret.Credential.Retiring, slots[SlotPhase.Current].Concat(slots[SlotPhase.Retiring]));
        if (!adjusted.IsEmpty)
        {
            changes.Add(new Change.PutSlots(adjusted));
        }

        if (secret.MustBeReplaced)
        {
            changes.Add(new Change.ReplaceSecret(secret));
        }
        else if (ChosenPasswordPlanner.AnswerTo(device, secret) is { } answer)
        {
            changes.Add(answer);
        }
        else if (!secret.MatchesDesired || kept != secret)
        {
            changes.Add(new Change.RepairSecret(kept));
        }

        if (slots[SlotPhase.Ended].Any())
        {
            changes.Add(new Change.RemoveSlots([.. slots[SlotPhase.Ended].Select(static slot => slot.Selector)])
            {
                EndsSessions = slots[SlotPhase.Ended].Any(slot => !SlotPhases.HadItsOverlap(slot, secret.Credential)),
            });
        }

        changes.AddRange(device.ObsoleteSecrets.Select(static stray => new Change.DeleteSecret(stray)));
        bool isWhole = secret is { MatchesDesired: true, MustBeReplaced: false } && kept == secret;
        if (isWhole && slots[SlotPhase.Current].Any() && adjusted.IsEmpty && device.LoginCheck is { } check && check.IsDue(secret, now))
        {
            changes.Add(new Change.VerifyLogin(secret)); // a moment is spent on it, so not before a password ends
        }

        if (secret.Credential.IsRestartOwed && isWhole)
        {
            changes.Add(new Change.RestartRollouts(secret, desired.RestartTargets)); // it must not hold up the end of a password
        }

        if (isWhole && EndedPasswords.DueTry(device, secret, now) is { } ended)
        {
            changes.Add(ended);
        }

        DateTimeOffset? nextRotation = RotationSchedule.Next(device.Uid, secret.Credential, desired.Lifetime.Interval, desired.Lifetime.Window, now);
        IEnumerable<DateTimeOffset> nextLooks = secret.Credential.Retiring.Select(static retiring => retiring.At).Where(at => at > now)
            .Concat(nextRotation is { } rotation ? [rotation] : [])
            .Concat(desired.Lifetime.ExpiresAt is { } end ? [end, .. end - ExpiryWarning > now ? [end - ExpiryWarning] : Array.Empty<DateTimeOffset>()] : [])
            .Concat(secret.Credential.IsRestartOwed ? [now + RestartRecheck] : [])
            .Concat(slots[SlotPhase.Uncommitted].Select(slot => slot.IssuedAt + device.UncommittedSlotGrace))
            .Concat(device.LoginCheck?.NextTry(secret, now) is { } login ? [login] : [])
            .Concat(EndedPasswords.NextTries(device, secret, now))
            .Concat(desired.IsProbed ? [] : [now + UnprobedRecheck])
            .Concat(device.Source is not null ? [now + ChosenPasswordPlanner.SourceRecheck] : []);
        DeviceVerdict verdict = (ChosenPasswordPlanner.VerdictOf(device, secret) ?? VerdictOf(desired, secret, slots[SlotPhase.Retiring].Any())) with
        {
            ExpiringAt = desired.Lifetime.ExpiresAt - ExpiryWarning <= now ? desired.Lifetime.ExpiresAt : null,
        };
        return new MailDevicePlan(changes.ToImmutable(), verdict, RecheckTime.Until(nextLooks, now));
    }

    /// <summary>Those slots that are not as the spec wants them, as it wants them.</summary>
    /// <param name="desired">What the spec wants.</param>
    /// <param name="retiring">When earlier credentials end; null if that is not known, so that their ends stay as they are.</param>
    /// <param name="slots">The slots.</param>
    public static ImmutableArray<Slot> Adjusted(
        DesiredCredential desired, ImmutableArray<RetiringCredential>? retiring, IEnumerable<Slot> slots) =>
    [
        .. slots
            .Select(slot => (Is: slot, Wanted: slot with
            {
                // Where the mail system makes the passwords, what one is for is settled with it, and another spec is another password.
                Restrictions = desired.Device is not null ? slot.Restrictions with { DeviceName = desired.Access.Restrictions.DeviceName } : desired.Access.Restrictions,
                Mailbox = desired.Access.Mailbox,
                NotAfter = retiring is { } known ? desired.Lifetime.NotAfter(known.FirstOrDefault(one => one.Selector == slot.Selector)?.At) : slot.NotAfter,
                IsIntact = true,
                IsRetained = false,
            }))
            .Where(static slot => slot.Is != slot.Wanted)
            .Select(static slot => slot.Wanted),
    ];

    private static DeviceVerdict VerdictOf(DesiredCredential desired, SecretState.Owned secret, bool isRetiring) => desired switch
    {
        { Access.SuspendedUser: { } user } => new DeviceVerdict(
            ReadyStatus.False, Reasons.UserSuspended, $"The credential is kept and refused by the mail system while MailUser '{user}' is suspended"),
        { Access.Restrictions.IsSuspended: true } => new DeviceVerdict(
            ReadyStatus.False, Reasons.Suspended, "The credential is kept and refused by the mail system while spec.suspended is true"),
        _ => new DeviceVerdict(
            ReadyStatus.True,
            isRetiring ? Reasons.Retiring : Reasons.Issued,
            $"{(HolderOf(desired, secret))} holds a password that MailBackend '{desired.BackendName}' accepts for {desired.Access.Username}"
            + (desired.Access.Restrictions.MaySend ? "" : "; sending is refused while spec.sending of its MailUser is Denied")
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
