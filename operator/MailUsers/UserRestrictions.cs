using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Reporting;

namespace MailOperator.MailUsers;

/// <summary>What the MailUser that a device names means for the device. A user only ever takes rights away.</summary>
internal static class UserRestrictions
{
    /// <summary>
    /// Why the device cannot follow its user. A user that is gone or cannot be read says nothing, so that whatever was
    /// last forbidden stays forbidden: nothing is changed.
    /// </summary>
    public static SpecProblem? Problem(MailDevice device, MailUser? user, SlotRestrictions desired, BackendCapabilities capabilities) =>
        device.Spec.UserRef is not { } named ? null
            : user is null ? new SpecProblem(
                Reasons.UserNotFound,
                $"MailUser '{named.Name}' does not exist in namespace '{device.Metadata.NamespaceProperty}'; create it or correct spec.userRef. "
                + "A password that was issued before stays as it is")
            : user.DecodeError is { } error ? new SpecProblem(
                Reasons.InvalidSpec, $"MailUser '{named.Name}' does not fit its schema, so this device stays as it is; correct the user: {error}")
            : !capabilities.HasFlag(BackendCapabilities.SendRight) && !Restrict(desired, user).MaySend ? new SpecProblem(
                Reasons.Unsupported,
                $"The backend cannot stop sending alone, as MailUser '{named.Name}' of spec.userRef asks for with sending: Denied; "
                + "leave SMTP out of spec.protocols or use another backend")
            : null;

    /// <summary>What a slot may be used for while the user is as it is now.</summary>
    public static SlotRestrictions Restrict(SlotRestrictions desired, MailUser user) => desired with
    {
        MaySend = user.Spec.Sending != SendingRight.Denied,
        IsSuspended = desired.IsSuspended || IsSuspended(user),
    };

    public static bool IsSuspended(MailUser user) => user.Spec.Suspended ?? false;
}
