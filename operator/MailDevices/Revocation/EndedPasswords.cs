using System.Collections.Immutable;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Verification;
using MailOperator.MailServers;

namespace MailOperator.MailDevices.Revocation;

/// <summary>
/// Which earlier passwords are kept, sealed, to try a login with after their ends, and when. With <c>verification:
/// Login</c> an end is verified only once the mail server has refused such a login. Pure.
/// </summary>
internal static class EndedPasswords
{
    // How long the removal of a slot may take after its end.
    private static readonly TimeSpan RemovalTime = TimeSpan.FromSeconds(4);

    /// <summary>
    /// The earlier passwords to keep beside a new credential. If there are too many, those that end last.
    /// </summary>
    public static ImmutableArray<SealedPassword> AfterIssue(
        IEnumerable<SealedPassword> kept, ImmutableArray<RetiringCredential> retiring, DateTimeOffset now) =>
    [
        .. kept.Select(one => one with
            {
                EndsAt = retiring.FirstOrDefault(ends => ends.Selector == one.Selector)?.At ?? Earlier(one.EndsAt, now),
            })
            .OrderByDescending(static one => one.EndsAt).Take(RetiringCredential.Max),
    ];

    /// <summary>
    /// Updates the Secret's earlier passwords. Without verification it keeps none. If a slot is removed late, its
    /// password ends at the removal.
    /// </summary>
    /// <returns>The same object if nothing differs.</returns>
    public static SecretState.Owned Update(
        MailDeviceSnapshot device, SecretState.Owned secret, DateTimeOffset now)
    {
        ImmutableArray<SealedPassword> kept = secret.Credential.ToBeRefused;
        ImmutableArray<SealedPassword> updated = device.LoginCheck is null
            ? []
            :
            [
                .. kept.Select(one =>
                    IsRemovedLate(one) ? one with { EndsAt = Kubernetes.Rfc3339.WholeSeconds(now) } : one),
            ];
        return updated.SequenceEqual(kept)
            ? secret
            : secret with { Credential = secret.Credential with { ToBeRefused = updated } };

        bool IsRemovedLate(SealedPassword one) =>
            Propagation.EndsAt(one.EndsAt, RemovalTime) < now && device.EndingNow.Contains(one.Selector);
    }

    /// <summary>The kept passwords that have ended and have no slot any more.</summary>
    public static IEnumerable<SealedPassword> Of(
        MailDeviceSnapshot device, SecretState.Owned secret, DateTimeOffset now) =>
        secret.Credential.ToBeRefused.Where(one =>
            one.EndsAt <= now && !device.Slots.Concat(device.EndedSlots).Any(slot => slot.Selector == one.Selector));

    /// <summary>From when on the mail server must refuse the password.</summary>
    public static DateTimeOffset DueAt(SealedPassword one, LoginCheck check) =>
        Propagation.EndsAt(one.EndsAt + RemovalTime, check.PropagationDelay);

    /// <summary>The login to try now; null if none is due or its result would prove nothing.</summary>
    public static Change.TryEnded? DueTry(MailDeviceSnapshot device, SecretState.Owned secret, DateTimeOffset now) =>
        device.LoginCheck is { Endpoint: not null } check
        && Of(device, secret, now).FirstOrDefault(one => DueAt(one, check) <= now) is { } due
            ? new Change.TryEnded(check, secret, due)
            : null;

    /// <summary>When later logins are due.</summary>
    public static IEnumerable<DateTimeOffset> NextTries(
        MailDeviceSnapshot device, SecretState.Owned secret, DateTimeOffset now) =>
        device.LoginCheck is { Endpoint: not null } check
            ? Of(device, secret, now).Select(one => DueAt(one, check)).Where(at => at > now)
            : [];

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
