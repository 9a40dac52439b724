using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.MailDevices.Spec;
using MailOperator.MailUsers;

namespace MailOperator.MailDevices.Verification;

/// <summary>Finds where to try the password of a deleted device after its revocation.</summary>
internal sealed class LoginCheckFinder(
    ObjectStore<MailBackend> backends, ObjectStore<MailUser> users, BackendRegistry registry)
{
    /// <summary>
    /// Null if its MailBackend does not verify passwords, cannot be used, or is not known for certain.
    /// </summary>
    public LoginCheck? ForDeleted(MailDevice device)
    {
        if (BackendSelection.NamesForRevocation(device, backends).ToArray() is not [{ } name]
            || backends.Find(new ObjectKey("", name)) is not { Spec.Verification: LoginVerification.Login } found
            || !BackendValidator.CanEnd(found, registry))
        {
            return null;
        }

        IMailBackend backend = registry.Get(found);
        ClientSpec client = registry.ClientOf(found.Spec);
        if (!MailDeviceResolver.TryResolve(
            device, found, client, backend.Capabilities, out DesiredCredential? desired, out _))
        {
            return null;
        }

        MailUser? user = UserReference.Of(device) is { } named ? users.Find(named) : null;
        return LoginCheck.For(desired.For(user), found.Spec, backend, device.Status);
    }
}
