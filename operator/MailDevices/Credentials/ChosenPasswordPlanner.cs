using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Credentials;

/// <summary>
/// What differs for a chosen password: only its source can replace it, and a mailbox may have only a few of them. Pure.
/// </summary>
internal static class ChosenPasswordPlanner
{
    /// <summary>No watch reports a change of the source, so it is polled.</summary>
    public static readonly TimeSpan SourceRecheck = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Plans without a usable source. No password is issued; earlier ones keep working and are still suspended, limited
    /// and ended. An edited Secret stays as it is: only the source knows its right content.
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
            new DeviceVerdict(ReadyStatus.False, problem.Reason, problem.Message)
            {
                IsStalled = problem.Reason == Reasons.InvalidSpec,
            },
            SourceRecheck);
    }

    /// <summary>What is wrong with the source of an issued password; null if nothing is.</summary>
    public static DeviceVerdict? VerdictOf(MailDeviceSnapshot device) => device switch
    {
        { Desired.Access.Restrictions.IsSuspended: true } or { Source: null } => null,
        { Source.Problem: { } problem } => new DeviceVerdict(
            ReadyStatus.False, problem.Reason, $"{problem.Message}. The password that was issued before still works")
        {
            IsStalled = problem.Reason == Reasons.InvalidSpec,
        },
        _ when RotateRequest.IsRevocationAsked(device) => new DeviceVerdict(
            ReadyStatus.False,
            Reasons.PasswordUnchanged,
            $"{Annotations.RotateAndRevoke} asks to end the password, but key '{device.Desired!.Source!.Key}' of "
            + $"Secret '{device.Desired.Source.Name}' still contains it, so it still works. To end it, change it "
            + "there, set spec.suspended or delete the device")
        {
            IsStalled = true,
        },
        _ => null,
    };

    /// <summary>Handles a rotate token while the source is unchanged; null if there is no such token.</summary>
    public static Change.MarkRotationHandled? RotationToMark(MailDeviceSnapshot device, SecretState.Owned secret) =>
        device.Source is { IsInSecret: true }
        && RotateRequest.IsAsked(device.RotateToken, secret.Credential.HandledRotation)
            ? new Change.MarkRotationHandled(secret with
            {
                Credential = secret.Credential with { HandledRotation = device.RotateToken },
            })
            : null;

    /// <summary>Selectors of the slots that may hold the chosen password already.</summary>
    public static ImmutableArray<string> Reusable(IEnumerable<Slot> slots) =>
        [.. slots.Where(static slot => slot.IsChosen).Select(static slot => slot.Selector)];

    /// <summary>Drops the oldest chosen passwords if there are too many to add another one.</summary>
    /// <param name="slots">The device's slots.</param>
    /// <param name="retiring">Newest first.</param>
    public static IEnumerable<RetiringCredential> WithinLimit(
        ImmutableArray<Slot> slots, IEnumerable<RetiringCredential> retiring)
    {
        ImmutableArray<string> chosen = Reusable(slots);
        int left = ChosenPasswords.MaxRetiring;
        foreach (RetiringCredential one in retiring)
        {
            if (!chosen.Contains(one.Selector) || left-- > 0)
            {
                yield return one;
            }
        }
    }
}
