using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.MailDevices.Credentials;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Revocation;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.Reporting;

namespace MailOperator.MailDevices;

/// <summary>
/// Decides from facts alone. It has no clock, client or logger, so a test can state each case in one line.
/// </summary>
internal static class MailDevicePlanner
{
    /// <summary>No watch reports that a foreign Secret was removed, so it is polled.</summary>
    public static readonly TimeSpan ForeignSecretRecheck = TimeSpan.FromMinutes(1);

    /// <summary>
    /// First what takes rights away: it applies in every state. Then, from the world after that, what gives rights, if
    /// nothing holds that back.
    /// </summary>
    public static MailDevicePlan Plan(MailDeviceSnapshot device, DateTimeOffset now) =>
        device.RestoredUid is { } uid ? TakeOver(uid) : PlanOwn(device, now);

    // Whatever holds the device: what is to end can only be found under that UID.
    private static MailDevicePlan TakeOver(string uid) => new(
        [new Change.AdoptSecret(uid)],
        new DeviceVerdict(ReadyStatus.Unknown, Reasons.Pending, "The restored password is being taken over"));

    private static MailDevicePlan PlanOwn(MailDeviceSnapshot device, DateTimeOffset now)
    {
        Hold? hold = Holds.Of(device, now);
        RevocationPlan ends = RevocationPlanner.Plan(device, mayGive: hold is null, now);
        MailDevicePlan rest = hold is null ? Give(ends.After, now) : hold.Follow(device, ends, now);
        DeviceVerdict verdict = ends.Blocked is { } blocked && rest.Verdict.Ready == ReadyStatus.True
            ? new DeviceVerdict(ReadyStatus.False, Reasons.RevocationBlocked, blocked)
            : rest.Verdict;
        return new MailDevicePlan(
            [.. ends.Changes, .. rest.Changes],
            verdict with
            {
                PendingRevocation = ends.Blocked ?? ends.Pending ?? rest.Verdict.PendingRevocation,
                IsRevocationBlocked = ends.Blocked is not null,
                IsHold = hold is not null,
            },
            Sooner(ends.RecheckAfter, rest.RecheckAfter));
    }

    private static TimeSpan? Sooner(TimeSpan? one, TimeSpan? other) => new[] { one, other }.Min();

    private static MailDevicePlan Give(MailDeviceSnapshot device, DateTimeOffset now) => device switch
    {
        { HasFinalizer: false } => new MailDevicePlan(
            [new Change.AddFinalizer()],
            new DeviceVerdict(ReadyStatus.Unknown, Reasons.Pending, "The password will be issued next")),
        _ => device.Desired!.Password.Match(
            generated: _ => PlanIssued(device, now),
            chosen: _ => PlanIssued(device, now),
            claimed: _ => ClaimedPasswordPlanner.Plan(device, now),
            madeByBackend: _ => PlanIssued(device, now)),
    };

    private static MailDevicePlan PlanIssued(MailDeviceSnapshot device, DateTimeOffset now) => device switch
    {
        { Secret: SecretState.Owned { IsGenuine: true, Credential.Origin: PasswordOrigin.Claimed } } =>
            Nothing(new DeviceVerdict(
                ReadyStatus.False,
                Reasons.InvalidSpec,
                "A person has the password, so spec.password.invitationRef cannot be removed; "
                + "add it again, or delete the MailDevice to end the password")
            { IsStalled = true }),
        { Source.Problem: { } problem } => ChosenPasswordPlanner.WithoutSource(device, problem, now),
        { Secret: SecretState.Owned owned } when ReasonToRotate(device, owned) is { } reason =>
            device.IssueProblem is { } problem ? Wait(problem) : Rotate(device, owned, reason, now),
        { Secret: SecretState.Owned owned } when IsDue(device, owned, now) && device.IssueProblem is null =>
            Rotate(device, owned, Reasons.Rotating, now, isUnasked: true),
        { Secret: SecretState.Owned owned } => ConvergencePlanner.Converge(device, owned, now),
        { IssueProblem: { } problem } => Wait(problem),
        _ => IssueFirst(device, now),
    };

    private static MailDevicePlan Nothing(DeviceVerdict verdict) => new([], verdict);

    private static MailDevicePlan Wait(SpecProblem problem) =>
        Nothing(new DeviceVerdict(ReadyStatus.False, problem.Reason, problem.Message));

    /// <summary>
    /// Without a Secret nobody can read the password, but running applications may still use it. So the slots at the
    /// backend keep working for the overlap, unless somebody reported a leak with rotate-and-revoke.
    /// </summary>
    private static MailDevicePlan IssueFirst(MailDeviceSnapshot device, DateTimeOffset now)
    {
        bool isRevoking = RotateRequest.IsRevocationAsked(device);
        DateTimeOffset end = isRevoking ? now : now + device.Desired!.Lifetime.Overlap;
        ImmutableArray<RetiringCredential> retiring = Newest(
            device, device.Slots.Where(slot => isRevoking || SlotPhases.WasHandedOut(slot, device, now))
                .OrderByDescending(static slot => slot.IssuedAt)
                .Select(slot => SlotPhases.Retire(slot.Selector, end, device)));
        string reason = retiring.IsEmpty && device.EndingNow.IsEmpty ? Reasons.Issued
            : isRevoking ? Reasons.Revoked
            : Reasons.SecretDeleted;
        return Issue(device, new Change.IssueCredential(reason, retiring, Overwrites: null)
        {
            IsUnasked = !retiring.IsEmpty && !isRevoking,
            IsRevoking = isRevoking,
            Reusable = ChosenPasswordPlanner.Reusable(device.Slots),
            HandedOut = LeakedPasswords.HandedOut(device, now),
        });
    }

    /// <summary>
    /// Leaked passwords have ended before the new one is made, because that may take a while or fail. A chosen password
    /// is the exception: its slot may be reused. Before a token is handled, it is read again from the API server,
    /// unless it only rotates and the cached device shows what was handled last.
    /// </summary>
    private static MailDevicePlan Issue(MailDeviceSnapshot device, Change.IssueCredential issue) => new(
        [
            .. issue.HandlesToken && !device.AreTokensConfirmed
                && (issue.IsRevoking || !RotateRequest.IsCurrent(device))
                ? [new Change.ConfirmTokens()]
                : Array.Empty<Change>(),
            issue,
        ],
        Issuing);

    private static string? ReasonToRotate(MailDeviceSnapshot device, SecretState.Owned secret) => device switch
    {
        _ when !secret.IsGenuine => Reasons.SecretTampered,
        { Source.IsInSecret: true } => null,
        _ when RotateRequest.IsRevocationAsked(device) => Reasons.Revoked,
        _ when IsLostAtBackend(device, secret) => Reasons.SlotMissing,
        _ when RotateRequest.IsAsked(device.RotateToken, secret.Credential.HandledRotation) => Reasons.Rotating,
        _ when HasOtherOrigin(device, secret) => Reasons.Rotating,
        _ => null,
    };

    // Without a hash the slot cannot be restored.
    private static bool IsLostAtBackend(MailDeviceSnapshot device, SecretState.Owned secret) =>
        device.Desired!.Password is DesiredPassword.MadeByBackend
        && !device.EndingNow.Contains(secret.Credential.Selector)
        && !device.Slots.Concat(device.EndedSlots).Any(slot => slot.Selector == secret.Credential.Selector);

    // Always true for a chosen password: ReasonToRotate has already returned if the source holds what is in the Secret.
    private static bool HasOtherOrigin(MailDeviceSnapshot device, SecretState.Owned secret)
    {
        PasswordOrigin origin = secret.Credential.Origin;
        return device.Desired!.Password.Match(
            generated: _ => origin is not PasswordOrigin.Generated,
            chosen: static _ => true,
            claimed: static _ => false,
            madeByBackend: _ => origin != new PasswordOrigin.MadeByBackend(device.Desired.Scope));
    }

    private static bool IsDue(MailDeviceSnapshot device, SecretState.Owned secret, DateTimeOffset now) =>
        RotationSchedule.Next(
            device.Uid, secret.Credential, device.Desired!.Lifetime.Interval, device.Desired.Lifetime.Window,
            now) <= now;

    private static MailDevicePlan Rotate(
        MailDeviceSnapshot device, SecretState.Owned secret, string reason, DateTimeOffset now, bool isUnasked = false)
    {
        // Checked whatever the reason is: the new password marks the token as handled, so nothing would revoke later.
        bool hasEnded = device.EndingNow.Contains(secret.Credential.Selector);
        bool isRevoking = RotateRequest.IsRevocationAsked(device) || hasEnded;
        DateTimeOffset end = isRevoking ? now : now + device.Desired!.Lifetime.Overlap;
        // The bookkeeping of a tampered Secret cannot be trusted, so the backend's slots count.
        IEnumerable<RetiringCredential> earlier = secret.IsGenuine
            ? secret.Credential.Retiring.Where(retiring => retiring.At > now)
                .Select(retiring => retiring.At < end ? retiring : retiring with { At = end })
                .Prepend(new RetiringCredential(secret.Credential.Selector, end))
            : device.Slots.OrderByDescending(static slot => slot.IssuedAt)
                .Select(slot => SlotPhases.Retire(slot.Selector, end, device));
        var issue = new Change.IssueCredential(
            hasEnded && reason == Reasons.Rotating ? Reasons.Revoked : reason, Newest(device, earlier), secret)
        {
            IsUnasked = (isUnasked || !secret.IsGenuine || reason == Reasons.SlotMissing) && !isRevoking,
            IsRevoking = isRevoking,
            Reusable = ChosenPasswordPlanner.Reusable(secret.IsGenuine
                ? device.Slots.Where(slot => SlotPhases.Of(slot, device, secret.Credential, now) != SlotPhase.Ended)
                : device.Slots),
            HandedOut = LeakedPasswords.HandedOut(device, now),
        };
        return Issue(device, issue);
    }

    private static readonly DeviceVerdict Issuing =
        new(ReadyStatus.False, Reasons.Pending, "The password is being issued");

    private static ImmutableArray<RetiringCredential> Newest(
        MailDeviceSnapshot device, IEnumerable<RetiringCredential> retiring) =>
        [.. ChosenPasswordPlanner.WithinLimit(device.Slots, retiring).Take(RetiringCredential.Max)];
}
