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

    private static readonly TimeSpan BusyRecheck = TimeSpan.FromSeconds(2);

    public static MailDevicePlan Plan(MailDeviceSnapshot device, DateTimeOffset now) =>
        PropagationPlanner.Complete(Decide(device, now), device, now);

    private static MailDevicePlan Decide(MailDeviceSnapshot device, DateTimeOffset now) => device switch
    {
        { IsDeleting: true, HasFinalizer: false } =>
            Nothing(new DeviceVerdict(ReadyStatus.False, Reasons.Revoked, "Deleted")),
        // Comes before the pause, because a tenant may set the annotation.
        { IsDeleting: false, IsGrantRevoked: true } => RevocationPlanner.Withdraw(device),
        { IsPaused: true } => RevocationPlanner.Freeze(device, now, new DeviceVerdict(
            ReadyStatus.Unknown,
            Reasons.Paused,
            $"The annotation {Annotations.Paused} is set, so nothing is changed; remove it to continue")),
        { IsDeleting: true } => RevocationPlanner.Revoke(device, now),
        { IsNamespaceTerminating: true } => Nothing(new DeviceVerdict(
            ReadyStatus.False, Reasons.Pending, "The namespace is being deleted, so this device will be deleted too")),
        { Problem: { } problem } => RevocationPlanner.Freeze(
            device, now,
            new DeviceVerdict(ReadyStatus.False, problem.Reason, problem.Message) { IsStalled = IsStalling(problem) }),
        { Desired.Lifetime.ExpiresAt: { } end } when end <= now => RevocationPlanner.Expire(device, end, now),
        { QuotaProblem: { } problem } => new MailDevicePlan(
            [], new DeviceVerdict(ReadyStatus.False, problem.Reason, problem.Message), RevocationPlanner.FrozenRecheck),
        { HasFinalizer: false } => new MailDevicePlan(
            [new Change.AddFinalizer()],
            new DeviceVerdict(ReadyStatus.Unknown, Reasons.Pending, "The password will be issued next")),
        { Secret: SecretState.Foreign foreign } => new MailDevicePlan(
            [],
            new DeviceVerdict(
                ReadyStatus.False,
                Reasons.SecretForeign,
                $"Secret '{device.Desired!.Secret.Name}' exists and {foreign.Owner}, so it is not changed; "
                + "delete it or set spec.secret.name")
            { IsStalled = true },
            ForeignSecretRecheck),
        { Secret: SecretState.Owned { IsDeleting: true } } => new MailDevicePlan(
            [],
            new DeviceVerdict(
                ReadyStatus.False, Reasons.Pending, "The Secret is being deleted; a new one will be created"),
            BusyRecheck),
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
            Rotate(device, owned, reason, now),
        { Secret: SecretState.Owned owned } when IsDue(device, owned, now) =>
            Rotate(device, owned, Reasons.Rotating, now, isUnasked: true),
        { Secret: SecretState.Owned owned } => ConvergencePlanner.Converge(device, owned, now),
        _ => IssueFirst(device, now),
    };

    private static MailDevicePlan Nothing(DeviceVerdict verdict) => new([], verdict);

    // A missing or broken backend may recover without a change to the device.
    private static bool IsStalling(SpecProblem problem) => problem.Reason != Reasons.BackendUnavailable;

    /// <summary>
    /// Without a Secret nobody can read the password, but running applications may still use it. So the slots at the
    /// backend keep working for the overlap, unless somebody reported a leak with rotate-and-revoke.
    /// </summary>
    private static MailDevicePlan IssueFirst(MailDeviceSnapshot device, DateTimeOffset now)
    {
        bool isRevoking = RotateRequest.IsAsked(device.RotateAndRevokeToken, device.ReportedRotateAndRevoke);
        DateTimeOffset end = isRevoking ? now : now + device.Desired!.Lifetime.Overlap;
        ImmutableArray<RetiringCredential> retiring = Newest(
            device, device.Slots.Where(slot => isRevoking || SlotPhases.WasHandedOut(slot, device, now))
                .OrderByDescending(static slot => slot.IssuedAt)
                .Select(slot => new RetiringCredential(slot.Selector, end)));
        string reason = retiring.IsEmpty ? Reasons.Issued : isRevoking ? Reasons.Revoked : Reasons.SecretDeleted;
        return Issue(device, new Change.IssueCredential(reason, retiring, Overwrites: null)
        {
            IsUnasked = !retiring.IsEmpty && !isRevoking,
            IsRevoking = isRevoking,
            Reusable = ChosenPasswordPlanner.Reusable(device.Slots),
            HandedOut = SlotPhases.HandedOut(device, now),
        });
    }

    /// <summary>
    /// A leaked password ends before the new one is made, because that may take a while or fail. A chosen password is
    /// the exception: its slot may be reused. Before a token removes anything, it is read again from the API server.
    /// </summary>
    private static MailDevicePlan Issue(MailDeviceSnapshot device, Change.IssueCredential issue)
    {
        ImmutableArray<string> leaked = issue.IsRevoking && device.Desired!.Source is null
            ? [.. device.Slots.Where(slot => issue.HandedOut.Contains(slot.Selector))
                .Select(static slot => slot.Selector)]
            : [];
        return new MailDevicePlan(
            [
                .. issue.HandlesToken || !leaked.IsEmpty ? [new Change.ConfirmTokens()] : Array.Empty<Change>(),
                .. leaked.IsEmpty ? Array.Empty<Change>() : [new Change.RemoveSlots(leaked) { EndsSessions = true }],
                issue,
            ],
            Issuing);
    }

    private static string? ReasonToRotate(MailDeviceSnapshot device, SecretState.Owned secret) => device switch
    {
        _ when !secret.IsGenuine => Reasons.SecretTampered,
        { Source.IsInSecret: true } => null,
        _ when RotateRequest.IsRevocationAsked(device, secret) => Reasons.Revoked,
        _ when IsLostAtBackend(device, secret) => Reasons.SlotMissing,
        _ when RotateRequest.IsAsked(device.RotateToken, secret.Credential.HandledRotation) => Reasons.Rotating,
        _ when HasOtherOrigin(device, secret) => Reasons.Rotating,
        _ => null,
    };

    // Without a hash the slot cannot be restored.
    private static bool IsLostAtBackend(MailDeviceSnapshot device, SecretState.Owned secret) =>
        device.Desired!.Password is DesiredPassword.MadeByBackend
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
        bool isRevoking = RotateRequest.IsRevocationAsked(device, secret);
        DateTimeOffset end = isRevoking ? now : now + device.Desired!.Lifetime.Overlap;
        // The bookkeeping of a tampered Secret cannot be trusted, so the backend's slots count.
        IEnumerable<RetiringCredential> earlier = secret.IsGenuine
            ? secret.Credential.Retiring.Where(retiring => retiring.At > now)
                .Select(retiring => retiring.At < end ? retiring : retiring with { At = end })
                .Prepend(new RetiringCredential(secret.Credential.Selector, end))
            : device.Slots.OrderByDescending(static slot => slot.IssuedAt)
                .Select(slot => new RetiringCredential(slot.Selector, end));
        var issue = new Change.IssueCredential(reason, Newest(device, earlier), secret)
        {
            IsUnasked = (isUnasked || !secret.IsGenuine || reason == Reasons.SlotMissing) && !isRevoking,
            IsRevoking = isRevoking,
            Reusable = ChosenPasswordPlanner.Reusable(secret.IsGenuine
                ? device.Slots.Where(slot => SlotPhases.Of(slot, device, secret.Credential, now) != SlotPhase.Ended)
                : device.Slots),
            HandedOut = secret.IsGenuine
                ? [secret.Credential.Selector, .. secret.Credential.Retiring.Select(
                    static retiring => retiring.Selector)]
                : SlotPhases.HandedOut(device, now),
        };
        return Issue(device, issue);
    }

    private static readonly DeviceVerdict Issuing =
        new(ReadyStatus.False, Reasons.Pending, "The password is being issued");

    private static ImmutableArray<RetiringCredential> Newest(
        MailDeviceSnapshot device, IEnumerable<RetiringCredential> retiring) =>
        [.. ChosenPasswordPlanner.WithinLimit(device.Slots, retiring).Take(RetiringCredential.Max)];
}
