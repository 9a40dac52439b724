using MailOperator.Api;
using MailOperator.MailDevices.Planning;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Status;

/// <summary>
/// Builds the conditions on what a person asked for and did not get: a rotation that has not happened yet, and settings
/// without an effect. Each exists only while it is true.
/// </summary>
internal static class RequestConditions
{
    // Of a value that a person wrote, enough to recognize it.
    private const int MaxShown = 64;

    /// <summary>Null unless a rotation was asked for and has not happened.</summary>
    /// <param name="status">The status so far. It has the tokens that were handled if the Secret was not read.</param>
    /// <param name="observed">The device as observed.</param>
    /// <param name="judged">What is reported of the device.</param>
    public static Condition? RotationPending(
        MailDeviceStatus status, MailDeviceSnapshot observed, DeviceVerdict judged)
    {
        // The first password is no rotation, and what a person holds is RotationRefused.
        if (observed.IsDeleting || observed.IsForPerson || (observed.TrustedRecord ?? (object?)status.IssuedAt) is null)
        {
            return null;
        }

        (string Annotation, string Token)? asked =
            RotateRequest.IsRevocationAsked(observed)
                ? (Annotations.RotateAndRevoke, observed.RotateAndRevokeToken)
            : RotateRequest.IsAsked(
                observed.RotateToken, observed.TrustedRecord?.HandledRotation ?? status.LastHandledRotation ?? "")
                ? (Annotations.Rotate, observed.RotateToken)
            : null;
        return asked is not { } request ? null : Conditions.True(
            ConditionTypes.RotationPending,
            judged.Reason,
            $"A rotation was asked for with {request.Annotation} '{Shown(request.Token)}' and has not happened yet: "
            + judged.Message);
    }

    /// <summary>Null unless something that was set has no effect.</summary>
    public static Condition? Ignored(IReadOnlyList<Condition> previous, MailDeviceSnapshot observed)
    {
        string? text = observed switch
        {
            { IsDeleting: true } => null,
            { UnknownPause: { } value } =>
                $"The annotation {Annotations.Paused} is '{Shown(value)}' and pauses nothing: only \"true\" does; "
                + "set it to \"true\" or remove it",
            { HasOwnWindow: true, Desired.Lifetime: { Interval: null } } =>
                "spec.rotation.window has no effect, because nothing rotates by interval; "
                + "set spec.rotation.interval, or remove the window",
            { HasOwnWindow: true, Desired: null } =>
                StatusConditions.Find(previous, ConditionTypes.Ignored)?.Message, // not known now
            _ => null,
        };
        return text is null ? null : Conditions.True(ConditionTypes.Ignored, Reasons.NoEffect, text);
    }

    private static string Shown(string value) => value.Length <= MaxShown ? value : $"{value[..MaxShown]}…";
}
