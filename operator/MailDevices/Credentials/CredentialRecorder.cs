using System.Collections.Immutable;
using System.Diagnostics;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Revocation;
using MailOperator.MailDevices.Secrets;
using MailOperator.Passwords;

namespace MailOperator.MailDevices.Credentials;

/// <summary>Makes the record that is written into the Secret together with a new password.</summary>
internal sealed class CredentialRecorder(DeviceSecrets secrets, TimeProvider clock)
{
    /// <summary>The record of a password whose slot is at the backend.</summary>
    public async Task<CredentialRecord> RecordAsync(
        IssueOrder order, PushedPassword pushed, CancellationToken cancellationToken)
    {
        DateTimeOffset now = clock.GetUtcNow();
        (AppPassword password, Slot slot, Slot? reused) = pushed;
        Change.IssueCredential issue = order.Issue;
        ImmutableArray<RetiringCredential> retiring =
        [
            .. MoveLatestEnd(order).Where(retiring => retiring.Selector != slot.Selector)
                .Select(retiring => retiring with { At = WholeSeconds(retiring.At, now) }),
        ];
        IEnumerable<SealedPassword> toBeRefused =
            await ToBeRefusedAsync(order.Device, order.Observed, issue.Overwrites, now, cancellationToken);
        return new CredentialRecord
        {
            Epoch = CredentialRecord.EpochAfter(order.Device, issue.Overwrites),
            Selector = slot.Selector,
            IssuedAt = reused is null ? slot.IssuedAt : Rfc3339.WholeSeconds(now),
            HandledRotation = order.Observed.RotateToken,
            // Only a password that the device never had before handles a leak.
            HandledRotateAndRevoke = issue.HandedOut.Contains(slot.Selector)
                ? RotateRequest.HandledRevocation(order.Observed)
                : order.Observed.RotateAndRevokeToken,
            IsRestartOwed = issue.FollowsAnother && !order.Desired.RestartTargets.IsEmpty,
            Origin = OriginOf(order, slot, password),
            Retiring = retiring,
            ToBeRefused = EndedPasswords.AfterIssue(
                toBeRefused.Where(one => one.Selector != slot.Selector), retiring, now),
        };
    }

    private PasswordOrigin OriginOf(IssueOrder order, Slot slot, AppPassword password) =>
        order.Desired.Password.Match<PasswordOrigin>(
            generated: static _ => new PasswordOrigin.Generated(),
            chosen: _ => new PasswordOrigin.Chosen(secrets.Chosen.DigestOf(order.Device, slot.Selector, password)),
            claimed: static _ => throw new UnreachableException("A claimed password is committed and never issued."),
            madeByBackend: _ => new PasswordOrigin.MadeByBackend(order.Desired.Scope));

    /// <summary>
    /// The earlier passwords to try a login with after their ends. A chosen password is left out: it may still be valid
    /// in another way. So is the password of a Secret that was deleted or edited, because it is unknown.
    /// </summary>
    private async Task<IEnumerable<SealedPassword>> ToBeRefusedAsync(
        MailDevice device,
        MailDeviceSnapshot observed,
        SecretState.Owned? secret,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        observed.LoginCheck is null || secret is not { IsGenuine: true } ? []
            : secret.Credential.Origin.IsChosen ? secret.Credential.ToBeRefused
            : secret.Credential.ToBeRefused.Append(await secrets.SealAsync(device, secret, now, cancellationToken));

    // Hashing and a slow backend must not shorten the overlap, so the latest end moves by the time taken. Ends fixed
    // earlier, and immediate ends, stay.
    private IEnumerable<RetiringCredential> MoveLatestEnd(IssueOrder order)
    {
        ImmutableArray<RetiringCredential> retiring = order.Issue.Retiring;
        TimeSpan taken = clock.GetUtcNow() - order.StartedAt;
        DateTimeOffset latest = retiring.Select(static one => one.At).DefaultIfEmpty(order.StartedAt).Max();
        return retiring.Select(one => one.At == latest && latest > order.StartedAt
            && order.Observed.ReportedRetiring.All(known => known.Selector != one.Selector)
                ? one with { At = latest + taken }
                : one);
    }

    // Annotations hold whole seconds. Rounding up keeps the overlap from being shortened; an immediate end stays.
    private static DateTimeOffset WholeSeconds(DateTimeOffset time, DateTimeOffset now) =>
        Rfc3339.WholeSeconds(time) is var whole && (whole == time || time <= now) ? whole : whole.AddSeconds(1);
}
