using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.MailDevices.Credentials;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Revocation;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.Reporting;

namespace MailOperator.MailDevices;

/// <summary>Decides, and only decides: no clock, no client, no logger, so every case is one line in a test.</summary>
internal static class MailDevicePlanner
{
    /// <summary>Nothing tells of a foreign Secret's removal, so it is looked for.</summary>
    public static readonly TimeSpan ForeignSecretRecheck = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan BusyRecheck = TimeSpan.FromSeconds(2);

    public static MailDevicePlan Plan(MailDeviceSnapshot device, DateTimeOffset now) => PropagationPlanner.Complete(Decide(device, now), device, now);

    private static MailDevicePlan Decide(MailDeviceSnapshot device, DateTimeOffset now) => device switch
    {
        { IsDeleting: true, HasFinalizer: false } => Nothing(new DeviceVerdict(ReadyStatus.False, Reasons.Revoked, "Deleted")),
        { IsDeleting: false, IsGrantRevoked: true } => RevocationPlanner.Withdraw(device), // before a pause: a tenant may write that one
        { IsPaused: true } => RevocationPlanner.Freeze(device, now, new DeviceVerdict(
            ReadyStatus.Unknown, Reasons.Paused, $"Nothing is changed while the annotation {Annotations.Paused} is there; remove it to go on")),
        { IsDeleting: true } => RevocationPlanner.Revoke(device, now),
        { IsNamespaceGoing: true } => Nothing(new DeviceVerdict(
            ReadyStatus.False, Reasons.Pending, "The namespace is being deleted, and this device with it")),
        { Problem: { } problem } => RevocationPlanner.Freeze(
            device, now, new DeviceVerdict(ReadyStatus.False, problem.Reason, problem.Message) { IsStalled = IsStalling(problem) }),
        { Desired.Lifetime.ExpiresAt: { } end } when end <= now => RevocationPlanner.Expire(device, end, now),
        { NoRoom: { } full } => new MailDevicePlan([], new DeviceVerdict(ReadyStatus.False, full.Reason, full.Message), RevocationPlanner.FrozenRecheck),
        { HasFinalizer: false } => new MailDevicePlan(
            [new Change.AddFinalizer()], new DeviceVerdict(ReadyStatus.Unknown, Reasons.Pending, "The password is about to be issued")),
        { Secret: SecretState.Foreign foreign } => new MailDevicePlan(
            [],
            new DeviceVerdict(
                ReadyStatus.False,
                Reasons.SecretForeign,
                $"Secret '{device.Desired!.Secret.Name}' exists and {foreign.Owner}; it is left alone. Remove it or set spec.secret.name")
            { IsStalled = true },
            ForeignSecretRecheck),
        { Secret: SecretState.Owned { IsDeleting: true } } => new MailDevicePlan(
            [], new DeviceVerdict(ReadyStatus.False, Reasons.Pending, "The Secret is being deleted; a new one follows"), BusyRecheck),
        _ => device.Desired!.Password.Match(
            generated: _ => PlanIssued(device, now),
            chosen: _ => PlanIssued(device, now),
            claimed: _ => ClaimedPasswordPlanner.Plan(device, now),
            madeByBackend: _ => PlanIssued(device, now)),
    };

    private static MailDevicePlan PlanIssued(MailDeviceSnapshot device, DateTimeOffset now) => device switch
    {
        { Secret: SecretState.Owned { IsGenuine: true, Credential.Origin: PasswordOrigin.Claimed } } => Nothing(new DeviceVerdict(
            ReadyStatus.False, Reasons.InvalidSpec, "A person holds the password, so spec.password.invitationRef cannot be taken away; put it back, or delete the MailDevice to end the password")
        { IsStalled = true }),
        { Source.Problem: { } problem } => ChosenPasswordPlanner.WithoutSource(device, problem, now),
        { Secret: SecretState.Owned owned } when ReasonToRotate(device, owned) is { } reason => Rotate(device, owned, reason, now),
        { Secret: SecretState.Owned owned } when IsDue(device, owned, now) => Rotate(device, owned, Reasons.Rotating, now, isUnasked: true),
        { Secret: SecretState.Owned owned } => ConvergencePlanner.Converge(device, owned, now),
        _ => IssueFirst(device, now),
    };

    private static MailDevicePlan Nothing(DeviceVerdict verdict) => new([], verdict);

    // An absent or broken backend may come right without anybody touching the device.
    private static bool IsStalling(SpecProblem problem) => problem.Reason != Reasons.BackendUnavailable;

    /// <summary>
    /// With no Secret nobody can read a password any more, but running applications may still hold one: what is at the
    /// backend goes on working for the overlap, unless a leak was told of meanwhile.
    /// </summary>
    private static MailDevicePlan IssueFirst(MailDeviceSnapshot device, DateTimeOffset now)
    {
        bool isRevoking = RotateRequest.IsAsked(device.RotateAndRevokeToken, device.ReportedRotateAndRevoke);
        DateTimeOffset end = isRevoking ? now : now + device.Desired!.Lifetime.Overlap;
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
            : RotateRequest.IsRevocationAsked(device, secret) ? Reasons.Revoked
            : IsLostAtItsMaker(device, secret) ? Reasons.SlotMissing
            : RotateRequest.IsAsked(device.RotateToken, secret.Credential.HandledRotation) || IsOfAnotherOrigin(device, secret)
                ? Reasons.Rotating
            : null;

    // There is no hash from which it could be put back.
    private static bool IsLostAtItsMaker(MailDeviceSnapshot device, SecretState.Owned secret) =>
        device.Desired!.Password is DesiredPassword.MadeByBackend
        && !device.Slots.Concat(device.EndedSlots).Any(slot => slot.Selector == secret.Credential.Selector);

    // Of a chosen one that is asked only when its source no longer holds what is in the Secret.
    private static bool IsOfAnotherOrigin(MailDeviceSnapshot device, SecretState.Owned secret)
    {
        PasswordOrigin origin = secret.Credential.Origin;
        return device.Desired!.Password.Match(
            generated: _ => origin is not PasswordOrigin.Generated,
            chosen: static _ => true,
            claimed: static _ => false,
            madeByBackend: _ => origin != new PasswordOrigin.MadeByBackend(device.Desired.Scope));
    }

    private static bool IsDue(MailDeviceSnapshot device, SecretState.Owned secret, DateTimeOffset now) =>
        RotationSchedule.Next(device.Uid, secret.Credential, device.Desired!.Lifetime.Interval, device.Desired.Lifetime.Window, now) <= now;

    private static MailDevicePlan Rotate(
        MailDeviceSnapshot device, SecretState.Owned secret, string reason, DateTimeOffset now, bool isUnasked = false)
    {
        // Also where something else comes first as the reason: the new password answers the token for good.
        bool isRevoking = RotateRequest.IsRevocationAsked(device, secret);
        DateTimeOffset end = isRevoking ? now : now + device.Desired!.Lifetime.Overlap;
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
                ? [secret.Credential.Selector, .. secret.Credential.Retiring.Select(static retiring => retiring.Selector)]
                : SlotPhases.HandedOut(device, now),
        };
        return Issue(device, issue);
    }

    private static readonly DeviceVerdict Issuing = new(ReadyStatus.False, Reasons.Pending, "The password is being issued");

    private static ImmutableArray<RetiringCredential> Newest(MailDeviceSnapshot device, IEnumerable<RetiringCredential> retiring) =>
        [.. ChosenPasswordPlanner.WithinPlaces(device.Slots, retiring).Take(RetiringCredential.Max)];
}
