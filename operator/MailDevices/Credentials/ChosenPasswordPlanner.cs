using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Credentials;

/// <summary>
/// What is decided otherwise for a chosen password: only its source can replace it, and a mailbox has few places for
/// such passwords. Pure, as <see cref="MailDevicePlanner"/> is.
/// </summary>
internal static class ChosenPasswordPlanner
{
    /// <summary>Nothing tells of a change of the source, so it is looked for.</summary>
    public static readonly TimeSpan SourceRecheck = TimeSpan.FromMinutes(1);

    /// <summary>
    /// There is no password to issue. What was issued before goes on, and is suspended, limited and ended as ever. An
    /// edited Secret stays as it is: nothing but the source could tell what belongs there.
    /// </summary>
    public static MailDevicePlan WithoutSource(MailDeviceSnapshot device, SpecProblem problem, DateTimeOffset now)
    {
        if (device.Secret is SecretState.Owned { IsGenuine: true } secret)
        {
            return ConvergencePlanner.Converge(device, secret, now);
        }

        ImmutableArray<Slot> adjusted = ConvergencePlanner.Adjusted(device.Desired!, retiring: null, device.Slots);
        return new MailDevicePlan(
            adjusted.IsEmpty ? [] : [new Change.PutSlots(adjusted)],
            new DeviceVerdict(ReadyStatus.False, problem.Reason, problem.Message) { IsStalled = problem.Reason == Reasons.InvalidSpec },
            SourceRecheck);
    }

    /// <summary>What there is to say of the source of a password that is issued; null if all is well.</summary>
    public static DeviceVerdict? VerdictOf(MailDeviceSnapshot device, SecretState.Owned secret) => device switch
    {
        { Desired.Access.Restrictions.IsSuspended: true } or { Source: null } => null,
        { Source.Problem: { } problem } => new DeviceVerdict(
            ReadyStatus.False, problem.Reason, $"{problem.Message}. The password that was issued before works on")
        {
            IsStalled = problem.Reason == Reasons.InvalidSpec,
        },
        _ when RotateRequest.IsRevocationAsked(device, secret) => new DeviceVerdict(
            ReadyStatus.False, Reasons.PasswordUnchanged,
            $"{Annotations.RotateAndRevoke} asks to end a password that Secret '{device.Desired!.Source!.Name}' still holds under "
            + $"'{device.Desired.Source.Key}'; it works until it is changed there, spec.suspended is set or the device is deleted")
        {
            IsStalled = true,
        },
        _ => null,
    };

    /// <summary>The answer to a rotate token while the source holds what it held.</summary>
    public static Change.AnswerUnchanged? AnswerTo(MailDeviceSnapshot device, SecretState.Owned secret) =>
        device.Source is { IsInSecret: true } && RotateRequest.IsAsked(device.RotateToken, secret.Credential.HandledRotation)
            ? new Change.AnswerUnchanged(secret with { Credential = secret.Credential with { HandledRotation = device.RotateToken } })
            : null;

    /// <summary>Selectors of the slots in which the password that is to be issued may be found.</summary>
    public static ImmutableArray<string> Keepable(IEnumerable<Slot> slots) =>
        [.. slots.Where(static slot => slot.IsChosen).Select(static slot => slot.Selector)];

    /// <summary>Without the oldest of those that would leave no place for the next chosen password.</summary>
    public static IEnumerable<RetiringCredential> WithinPlaces(ImmutableArray<Slot> slots, IEnumerable<RetiringCredential> retiring)
    {
        ImmutableArray<string> chosen = Keepable(slots);
        int places = ChosenPasswords.MaxRetiring;
        foreach (RetiringCredential one in retiring)
        {
            if (!chosen.Contains(one.Selector) || places-- > 0)
            {
                yield return one;
            }
        }
    }
}
