using System.Collections.Immutable;
using MailOperator.Backends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Verification;
using MailOperator.MailServers;

namespace MailOperator.MailDevices.Revocation;

/// <summary>
/// Which passwords of before are kept, sealed, to be tried once they have ended, and when. Where a backend has passwords
/// verified, an end counts as seen only when the mail server has refused such a login. Pure.
/// </summary>
internal static class EndedPasswords
{
    // A slot is removed a moment after its time.
    private static readonly TimeSpan Lateness = TimeSpan.FromSeconds(4);

    /// <summary>What a new credential's bookkeeping keeps of those before it; the latest to end, if they are too many.</summary>
    public static ImmutableArray<SealedPassword> AfterIssue(
        IEnumerable<SealedPassword> kept, ImmutableArray<RetiringCredential> retiring, DateTimeOffset now) =>
    [
        .. kept.Select(one => one with { EndsAt = retiring.FirstOrDefault(ends => ends.Selector == one.Selector)?.At ?? Earlier(one.EndsAt, now) })
            .OrderByDescending(static one => one.EndsAt).Take(RetiringCredential.Max),
    ];

    /// <summary>
    /// The Secret with what it keeps as it should be now: nothing where no login is asked for, and for a slot that goes
    /// late the time when it goes. The same object if that is what it says.
    /// </summary>
    public static SecretState.Owned Kept(MailDeviceSnapshot device, SecretState.Owned secret, IEnumerable<Slot> going, DateTimeOffset now)
    {
        ImmutableArray<SealedPassword> kept = secret.Credential.ToBeRefused;
        ImmutableArray<SealedPassword> wanted = device.LoginCheck is null
            ? []
            : [.. kept.Select(one => Propagation.EndsAt(one.EndsAt, Lateness) < now && going.Any(slot => slot.Selector == one.Selector) ? one with { EndsAt = Kubernetes.Rfc3339.WholeSeconds(now) } : one)];
        return wanted.SequenceEqual(kept) ? secret : secret with { Credential = secret.Credential with { ToBeRefused = wanted } };
    }

    /// <summary>Those that have ended and that no slot holds any more.</summary>
    public static IEnumerable<SealedPassword> Of(MailDeviceSnapshot device, SecretState.Owned secret, DateTimeOffset now) =>
        secret.Credential.ToBeRefused.Where(one =>
            one.EndsAt <= now && !device.Slots.Concat(device.EndedSlots).Any(slot => slot.Selector == one.Selector));

    /// <summary>From when on the mail server must refuse it.</summary>
    public static DateTimeOffset DueAt(SealedPassword one, LoginCheck check) => Propagation.EndsAt(one.EndsAt + Lateness, check.PropagationDelay);

    /// <summary>The login that is due; null if none is, or if it would tell nothing.</summary>
    public static Change.TryEnded? DueTry(MailDeviceSnapshot device, SecretState.Owned secret, DateTimeOffset now) =>
        device.LoginCheck is { Endpoint: not null } check && Of(device, secret, now).FirstOrDefault(one => DueAt(one, check) <= now) is { } due
            ? new Change.TryEnded(check, secret, due)
            : null;

    /// <summary>When further ones are due.</summary>
    public static IEnumerable<DateTimeOffset> NextTries(MailDeviceSnapshot device, SecretState.Owned secret, DateTimeOffset now) =>
        device.LoginCheck is { Endpoint: not null } check
            ? Of(device, secret, now).Select(one => DueAt(one, check)).Where(at => at > now)
            : [];

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
