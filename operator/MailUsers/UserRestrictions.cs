using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Reporting;

namespace MailOperator.MailUsers;

/// <summary>Applies the MailUser of a device to the device. A user only takes rights away.</summary>
internal static class UserRestrictions
{
    /// <summary>
    /// Why the device cannot follow its user; null if it can. Nothing is changed while the user is missing or
    /// unreadable, so that its last restrictions stay in force.
    /// </summary>
    public static SpecProblem? Problem(
        MailDevice device, MailUser? user, SlotRestrictions desired, BackendCapabilities capabilities)
    {
        if (device.Spec.UserRef is not { } named)
        {
            return null;
        }

        if (user is null)
        {
            return new SpecProblem(
                Reasons.UserNotFound,
                $"MailUser '{named.Name}' does not exist in namespace '{device.Metadata.NamespaceProperty}'; "
                + "create it or correct spec.userRef. A password that was issued before stays as it is");
        }

        if (user.DecodeError is { } error)
        {
            return new SpecProblem(
                Reasons.InvalidSpec,
                $"MailUser '{named.Name}' does not fit its schema, so this device stays as it is; "
                + $"correct the user: {error}");
        }

        return capabilities.HasFlag(BackendCapabilities.SendRight) || Restrict(desired, user).MaySend
            ? null
            : new SpecProblem(
                Reasons.Unsupported,
                $"The backend cannot stop sending alone, as MailUser '{named.Name}' of spec.userRef asks for with "
                + "sending: Denied; leave SMTP out of spec.protocols or use another backend");
    }

    /// <summary>The restrictions of a slot under the user as it is now.</summary>
    public static SlotRestrictions Restrict(SlotRestrictions desired, MailUser user) => desired with
    {
        MaySend = user.Spec.Sending != SendingRight.Denied,
        IsSuspended = desired.IsSuspended || IsSuspended(user),
    };

    /// <summary>Whether it takes anything away from its devices.</summary>
    public static bool RestrictsAnything(MailUser user) =>
        IsSuspended(user) || user.Spec.Sending == SendingRight.Denied;

    public static bool IsSuspended(MailUser user) => user.Spec.Suspended ?? false;
}
