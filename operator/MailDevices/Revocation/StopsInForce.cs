using MailOperator.Api;
using MailOperator.MailDevices.Planning;

namespace MailOperator.MailDevices.Revocation;

/// <summary>Which stops a device is under, by what can be read of it. Pure.</summary>
internal static class StopsInForce
{
    public static bool IsExpired(MailDeviceSnapshot device, DateTimeOffset now) => device.Stops.EndsAt <= now;

    /// <summary>Whether the deletion is acted on.</summary>
    public static bool IsDeleted(MailDeviceSnapshot device) =>
        device is { IsDeleting: true, HasFinalizer: true, IsPaused: false };

    /// <summary>
    /// The first stop that the status does not show as enforced, as the subject of a sentence; null if there is none.
    /// It is for a device whose slots are not known.
    /// </summary>
    public static string? Unconfirmed(MailDeviceSnapshot device, DateTimeOffset now) => device switch
    {
        { IsGrantRevoked: true } => "The end that follows the withdrawn grant",
        _ when IsDeleted(device) => "The end that follows the deletion",
        _ when IsExpired(device, now) => "The expiry",
        _ when RotateRequest.IsRevocationAsked(device) => $"The end that {Annotations.RotateAndRevoke} asks for",
        _ when device.ReportedRetiring.Any(one => one.At <= now) => "The end of an overlap",
        { IsEnforced: true } or { Stops.LimitAnything: false } => null,
        { Stops.SuspendedUser: { } user } => $"The suspension of MailUser '{user}'",
        { Stops.IsSuspended: true } => "The suspension",
        { Stops.MaySend: false } => "sending: Denied of the MailUser",
        _ => "A limit of spec.protocols or spec.allowedNetworks",
    };
}
