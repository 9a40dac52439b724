using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailUsers;

namespace MailOperator.MailDevices;

/// <summary>Where the password of a device that is being deleted could be tried once it has been revoked.</summary>
internal static class DeletedLogin
{
    /// <summary>Null where nobody asks for that, or where it is not clear which mail server to ask.</summary>
    public static LoginCheck? Find(
        MailDevice device, ObjectStore<MailBackend> backends, ObjectStore<MailUser> users, BackendRegistry registry)
    {
        if (BackendSelection.NamesForRevocation(device, backends).ToArray() is not [{ } name]
            || backends.Find(new ObjectKey("", name)) is not { DecodeError: null, Spec.Verification: LoginVerification.Login } found
            || registry.Validate(found.Spec).Count > 0)
        {
            return null;
        }

        IMailBackend backend = registry.Get(found);
        if (!MailDeviceResolver.TryResolve(device, found, backend.Capabilities, out DesiredCredential? desired, out _))
        {
            return null;
        }

        MailUser? user = UserReference.Of(device) is { } named ? users.Find(named) : null;
        return LoginCheck.For(desired.For(user), found.Spec, backend, device.Status);
    }
}
