using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Claims;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Spec;
using MailOperator.MailDevices.Verification;
using MailOperator.MailUsers;
using MailOperator.Reporting;

namespace MailOperator.MailDevices;

/// <summary>Resolves a spec against its MailBackend, grants, MailUser and DeviceInvitation.</summary>
internal sealed class DeviceResolver(
    ObjectStore<MailBackend> backends,
    ObjectStore<MailUser> users,
    BackendRegistry registry,
    DeviceGrants grants,
    ClaimedPasswords claims)
{
    /// <param name="device">The device, from the informer's store.</param>
    /// <param name="snapshot">The facts observed so far.</param>
    /// <param name="backend">The device's backend; null if it cannot be used.</param>
    /// <returns>The snapshot with either <see cref="MailDeviceSnapshot.Desired"/> or <see
    /// cref="MailDeviceSnapshot.Problem"/>.</returns>
    public MailDeviceSnapshot Resolve(MailDevice device, MailDeviceSnapshot snapshot, out IMailBackend? backend)
    {
        backend = null;
        MailUser? user = UserReference.Of(device) is { } userKey ? users.Find(userKey) : null;
        BackendSelection.TryFind(device, backends, registry, out MailBackend? found, out SpecProblem? unusable);
        snapshot = WithStops(device, snapshot, found, user);
        if (found is null || !BackendValidator.CanEnd(found, registry))
        {
            return snapshot with { Problem = unusable, Unreachable = unusable!.Message };
        }

        string name = found.Metadata.Name;
        backend = registry.Get(found, MailboxAddress.Normalize(device.Spec.Mailbox));
        snapshot = snapshot with
        {
            BackendName = name,
            Capabilities = backend.Capabilities,
            LastUse = registry.UsesOf(name)?.Find(device.Key.ToString()),
            PropagationDelay = DeviceBackends.DelayOf(found, backend),
            IssueProblem = BackendRules.IssueProblem(found),
        };
        bool isKnownMailbox = MailboxAddress.IsValid(device.Spec.Mailbox);
        if (isKnownMailbox && grants.GrantProblem(device, found) is { } notAllowed)
        {
            grants.Yield(device, name);
            return snapshot with
            {
                Problem = notAllowed,
                IsGrantRevoked = snapshot.MayHaveSlots && grants.IsRevoked(device, found),
            };
        }

        if (unusable is not null)
        {
            return snapshot with { Problem = unusable };
        }

        if (isKnownMailbox && device.Spec.DeletionPolicy == DeletionPolicy.Retain
            && !grants.AllowsRetention(device, found))
        {
            return snapshot with { Problem = DeviceGrants.RetentionProblem(device, found) };
        }

        BackendCapabilities capabilities = backend.Capabilities;
        ClientSpec client = registry.ClientOf(found.Spec);
        if (!MailDeviceResolver.TryResolve(
            device, found, client, capabilities, out DesiredCredential? desired, out SpecProblem? problem))
        {
            return snapshot with { Problem = problem };
        }

        if (UserRestrictions.Problem(device, user, desired.Access.Restrictions, capabilities) is { } userProblem)
        {
            return snapshot with { Problem = userProblem };
        }

        ClaimedPassword? claimed = claims.Of(device);
        if (ClaimedPasswords.Problem(device, claimed, capabilities) is { } claimProblem)
        {
            return snapshot with { Problem = claimProblem };
        }

        desired = desired.For(user);
        if (desired.Device is { } description
            && backend.Issuer?.Unsupported(desired.Access.Restrictions, description) is { } unsupported)
        {
            return snapshot with { Problem = new SpecProblem(Reasons.Unsupported, unsupported) };
        }

        return snapshot with
        {
            Desired = desired,
            ClaimedPassword = claimed,
            LoginCheck = LoginCheck.For(desired, found.Spec, backend, device.Status),
        };
    }

    // Whatever else is wrong: the restrictions of spec, user and MailBackend apply as far as they can be read.
    private static MailDeviceSnapshot WithStops(
        MailDevice device, MailDeviceSnapshot snapshot, MailBackend? backend, MailUser? user)
    {
        var stops = StopResolver.Of(device, backend, user);
        return snapshot with
        {
            Stops = stops,
            IsEnforced = device.Status is { EnforcedGeneration: { } generation } status
                && generation == device.Metadata.Generation
                && (stops.User is { } read
                    ? status.EnforcedUser?.IsOf(read.Uid, read.Generation) ?? false
                    : status.EnforcedUser is null),
        };
    }

    /// <summary>Why the quotas allow it no first password yet; null if they do, and then its place is taken.</summary>
    public SpecProblem? QuotaProblem(MailDevice device, MailDeviceSnapshot snapshot) =>
        backends.Find(new ObjectKey("", snapshot.BackendName!)) is { } backend
            ? grants.AdmitUnlessFull(device, backend)
            : null;
}
