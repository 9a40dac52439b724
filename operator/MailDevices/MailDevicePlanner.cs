using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;

namespace MailOperator.MailDevices;

/// <summary>Decides, and only decides: no clock, no client, no logger, so every case is one line in a test.</summary>
internal static class MailDevicePlanner
{
    /// <summary>Earlier credentials that may go on working at a time; more of them end early, oldest first.</summary>
    public const int MaxRetiring = 8;

    /// <summary>Nothing tells of a foreign Secret's removal, so it is looked for.</summary>
    public static readonly TimeSpan ForeignSecretRecheck = TimeSpan.FromMinutes(1);

    /// <summary>When a restart that was refused is tried again.</summary>
    public static readonly TimeSpan RestartRecheck = TimeSpan.FromMinutes(1);

    /// <summary>How long before its end a password is said to end soon.</summary>
    public static readonly TimeSpan ExpiryWarning = TimeSpan.FromDays(1);

    /// <summary>How often a device is looked at whose backend cannot be asked for all at once.</summary>
    public static readonly TimeSpan UnprobedRecheck = TimeSpan.FromHours(1);

    private static readonly TimeSpan BusyRecheck = TimeSpan.FromSeconds(2);

    public static MailDevicePlan Plan(MailDeviceSnapshot device, DateTimeOffset now) => Aftercare.Complete(Decide(device, now), device, now);

    private static MailDevicePlan Decide(MailDeviceSnapshot device, DateTimeOffset now) => device switch
    {
        { IsDeleting: true, HasFinalizer: false } => Nothing(new Verdict(ReadyStatus.False, Reasons.Revoked, "Deleted")),
        { IsDeleting: false, IsGrantRevoked: true } => EndPlanner.Withdraw(device), // before a pause: a tenant may write that one
        { IsPaused: true } => EndPlanner.Stand(device, now, new Verdict(
            ReadyStatus.Unknown, Reasons.Paused, $"Nothing is changed while the annotation {Annotations.Paused} is there; remove it to go on")),
        { IsDeleting: true } => EndPlanner.Revoke(device, now),
        { IsNamespaceGoing: true } => Nothing(new Verdict(
            ReadyStatus.False, Reasons.Pending, "The namespace is being deleted, and this device with it")),
        { Problem: { } problem } => EndPlanner.Stand(
            device, now, new Verdict(ReadyStatus.False, problem.Reason, problem.Message) { IsStalled = IsStalling(problem) }),
        { Desired.ExpiresAt: { } end } when end <= now => EndPlanner.Expire(device, end, now),
        { NoRoom: { } full } => new MailDevicePlan([], new Verdict(ReadyStatus.False, full.Reason, full.Message), EndPlanner.FrozenRecheck),
        { HasFinalizer: false } => new MailDevicePlan(
            [new Change.AddFinalizer()], new Verdict(ReadyStatus.Unknown, Reasons.Pending, "The password is about to be issued")),
        { Secret: SecretState.Foreign foreign } => new MailDevicePlan(
            [],
            new Verdict(
                ReadyStatus.False,
                Reasons.SecretForeign,
                $"Secret '{device.Desired!.SecretName}' exists and {foreign.Owner}; it is left alone. Remove it or set spec.secret.name")
            { IsStalled = true },
            ForeignSecretRecheck),
        { Secret: SecretState.Owned { IsDeleting: true } } => new MailDevicePlan(
            [], new Verdict(ReadyStatus.False, Reasons.Pending, "The Secret is being deleted; a new one follows"), BusyRecheck),
        { Desired.IsHeld: true } => ClaimedPasswordPlanner.Plan(device, now),
        { Secret: SecretState.Owned { IsGenuine: true, Credential.IsHeld: true } } => Nothing(new Verdict(
            ReadyStatus.False, Reasons.InvalidSpec, "A person holds the password, so spec.password.invitationRef cannot be taken away; put it back, or delete the MailDevice to end the password")
        { IsStalled = true }),
        { Source.Problem: { } problem } => ChosenPasswordPlanner.WithoutSource(device, problem, now),
        { Secret: SecretState.Owned owned } when ReasonToRotate(device, owned) is { } reason => Rotate(device, owned, reason, now),
        { Secret: SecretState.Owned owned } when IsDue(device, owned, now) => Rotate(device, owned, Reasons.Rotating, now, isUnasked: true),
        { Secret: SecretState.Owned owned } => Converge(device, owned, now),
        _ => IssueFirst(device, now),
    };

    private static MailDevicePlan Nothing(Verdict verdict) => new([], verdict);

    // An absent or broken backend may come right without anybody touching the device.
    private static bool IsStalling(SpecProblem problem) => problem.Reason != Reasons.BackendUnavailable;

    /// <summary>
    /// With no Secret nobody can read a password any more, but running applications may still hold one: what is at the
    /// backend goes on working for the overlap, unless a leak was told of meanwhile.
    /// </summary>
    private static MailDevicePlan IssueFirst(MailDeviceSnapshot device, DateTimeOffset now)
    {
        bool isRevoking = IsAsked(device.RotateAndRevokeToken, device.ReportedRotateAndRevoke);
        DateTimeOffset end = isRevoking ? now : now + device.Desired!.Overlap;
        ImmutableArray<RetiringCredential> retiring = Newest(
            device, device.Slots.Where(slot => isRevoking || SlotPhases.WasHandedOut(slot, device, now))
                .OrderByDescending(static slot => slot.IssuedAt).Select(slot => new RetiringCredential(slot.Selector, end)));
        string reason = retiring.IsEmpty ? Reasons.Issued : isRevoking ? Reasons.Revoked : Reasons.SecretDeleted;
        return Issue(device, new Change.IssueCredential(reason, retiring, Over: null)
        {
            IsUnasked = !retiring.IsEmpty && !isRevoking,
            IsRevoking = isRevoking,
            Keepable = ChosenPasswordPlanner.Keepable(device.Slots),
            HandedOut = SlotPhases.HandedOut(device, now),
        });
    }

    /// <summary>
    /// A leaked password ends before its successor is made, which may take a while or fail. Not so a chosen one: its slot may
    /// be what is kept. Whoever removes by a token must know that the token stands there now.
    /// </summary>
    private static MailDevicePlan Issue(MailDeviceSnapshot device, Change.IssueCredential issue)
    {
        ImmutableArray<string> leaked = issue.IsRevoking && device.Desired!.Source is null
            ? [.. device.Slots.Where(slot => issue.HandedOut.Contains(slot.Selector)).Select(static slot => slot.Selector)]
            : [];
        return new MailDevicePlan(
            [
                .. issue.AnswersToken || !leaked.IsEmpty ? [new Change.ConfirmTokens()] : Array.Empty<Change>(),
                .. leaked.IsEmpty ? Array.Empty<Change>() : [new Change.RemoveSlots(leaked) { EndsSessions = true }],
                issue,
            ],
            Issuing);
    }

    private static string? ReasonToRotate(MailDeviceSnapshot device, SecretState.Owned secret) =>
        !secret.IsGenuine ? Reasons.SecretTampered
            : device.Source is { IsInSecret: true } ? null
            : IsRevocationAsked(device, secret) ? Reasons.Revoked
            : device.Desired!.IsIssued && !device.Slots.Concat(device.EndedSlots).Any(slot => slot.Selector == secret.Credential.Selector) ? Reasons.SlotMissing
            : device.Desired.Shape != secret.Credential.Shape ? Reasons.Rotating
            : IsAsked(device.RotateToken, secret.Credential.HandledRotation) ? Reasons.Rotating
            : device.Source is not null || secret.Credential.IsChosen ? Reasons.Rotating
            : null;

    private static bool IsDue(MailDeviceSnapshot device, SecretState.Owned secret, DateTimeOffset now) =>
        RotationSchedule.Next(device.Uid, secret.Credential, device.Desired!.Interval, device.Desired.Window, now) <= now;

    // An edited Secret must not claim that a leak was dealt with.
    public static string AnsweredRevocation(MailDeviceSnapshot device, SecretState.Owned? secret) =>
        secret is { IsGenuine: true } ? secret.Credential.HandledRotateAndRevoke : device.ReportedRotateAndRevoke;

    public static bool IsRevocationAsked(MailDeviceSnapshot device, SecretState.Owned secret) =>
        IsAsked(device.RotateAndRevokeToken, AnsweredRevocation(device, secret));

    public static bool IsAsked(string token, string handled) => token.Length > 0 && token != handled;

    private static MailDevicePlan Rotate(
        MailDeviceSnapshot device, SecretState.Owned secret, string reason, DateTimeOffset now, bool isUnasked = false)
    {
        // Also where something else comes first as the reason: the new password answers the token for good.
        bool isRevoking = IsRevocationAsked(device, secret);
        DateTimeOffset end = isRevoking ? now : now + device.Desired!.Overlap;
        // A tampered Secret's bookkeeping is not believed: what the backend holds is what there is.
        IEnumerable<RetiringCredential> earlier = secret.IsGenuine
            ? secret.Credential.Retiring.Where(retiring => retiring.At > now)
                .Select(retiring => retiring.At < end ? retiring : retiring with { At = end })
                .Prepend(new RetiringCredential(secret.Credential.Selector, end))
            : device.Slots.OrderByDescending(static slot => slot.IssuedAt).Select(slot => new RetiringCredential(slot.Selector, end));
        var issue = new Change.IssueCredential(reason, Newest(device, earlier), secret)
        {
            IsUnasked = (isUnasked || !secret.IsGenuine || reason == Reasons.SlotMissing) && !isRevoking,
            IsRevoking = isRevoking,
            Keepable = ChosenPasswordPlanner.Keepable(secret.IsGenuine
                ? device.Slots.Where(slot => SlotPhases.Of(slot, device, secret.Credential, now) != SlotPhase.Ended)
                : device.Slots),
            HandedOut = secret.IsGenuine
                ? [secret.Credential.Selector, .. secret.Credential.Retiring.Select(static retiring => retiring.Id)]
                : SlotPhases.HandedOut(device, now),
        };
        return Issue(device, issue);
    }

    private static readonly Verdict Issuing = new(ReadyStatus.False, Reasons.Pending, "The password is being issued");

    private static ImmutableArray<RetiringCredential> Newest(MailDeviceSnapshot device, IEnumerable<RetiringCredential> retiring) =>
        [.. ChosenPasswordPlanner.WithinPlaces(device.Slots, retiring).Take(MaxRetiring)];

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

        DateTimeOffset? nextRotation = RotationSchedule.Next(device.Uid, secret.Credential, desired.Interval, desired.Window, now);
        IEnumerable<DateTimeOffset> nextLooks = secret.Credential.Retiring.Select(static retiring => retiring.At).Where(at => at > now)
            .Concat(nextRotation is { } rotation ? [rotation] : [])
            .Concat(desired.ExpiresAt is { } end ? [end, .. end - ExpiryWarning > now ? [end - ExpiryWarning] : Array.Empty<DateTimeOffset>()] : [])
            .Concat(secret.Credential.IsRestartOwed ? [now + RestartRecheck] : [])
            .Concat(slots[SlotPhase.Uncommitted].Select(slot => slot.IssuedAt + device.UncommittedSlotGrace))
            .Concat(device.LoginCheck?.NextTry(secret, now) is { } login ? [login] : [])
            .Concat(EndedPasswords.NextTries(device, secret, now))
            .Concat(desired.IsProbed ? [] : [now + UnprobedRecheck])
            .Concat(device.Source is not null ? [now + ChosenPasswordPlanner.SourceRecheck] : []);
        Verdict verdict = (ChosenPasswordPlanner.VerdictOf(device, secret) ?? VerdictOf(desired, secret, slots[SlotPhase.Retiring].Any())) with
        {
            ExpiringAt = desired.ExpiresAt - ExpiryWarning <= now ? desired.ExpiresAt : null,
        };
        return new MailDevicePlan(changes.ToImmutable(), verdict, EndPlanner.Until(nextLooks, now));
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
                Restrictions = desired.IsIssued ? slot.Restrictions with { DeviceName = desired.Restrictions.DeviceName } : desired.Restrictions,
                Mailbox = desired.Mailbox,
                NotAfter = retiring is { } known ? desired.NotAfter(known.FirstOrDefault(one => one.Id == slot.Selector)?.At) : slot.NotAfter,
                IsIntact = true,
                IsRetained = false,
            }))
            .Where(static slot => slot.Is != slot.Wanted)
            .Select(static slot => slot.Wanted),
    ];

    private static Verdict VerdictOf(DesiredCredential desired, SecretState.Owned secret, bool isRetiring) => desired switch
    {
        { SuspendedUser: { } user } => new Verdict(
            ReadyStatus.False, Reasons.UserSuspended, $"The credential is kept and refused by the mail system while MailUser '{user}' is suspended"),
        { Restrictions.IsSuspended: true } => new Verdict(
            ReadyStatus.False, Reasons.Suspended, "The credential is kept and refused by the mail system while spec.suspended is true"),
        _ => new Verdict(
            ReadyStatus.True,
            isRetiring ? Reasons.Retiring : Reasons.Issued,
            $"{(desired is { Holder: { } user } ? $"MailUser '{user}'" : desired.IsHeld ? "A person" : $"Secret '{secret.Name}'")} holds a password that MailBackend '{desired.BackendName}' accepts for {desired.Username}"
            + (desired.Restrictions.MaySend ? "" : "; sending is refused while spec.sending of its MailUser is Denied")
            + (isRetiring ? "; the previous one still works until its overlap ends" : "")),
    };
}
