using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Claims;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.MailDevices.Spec;
using MailOperator.MailUsers;
using MailOperator.Passwords;
using MailOperator.Reporting;

namespace MailOperator.DeviceInvitations;

/// <summary>
/// Decides what an invitation can offer now. It applies the rules that its MailDevice will meet, so that nobody is
/// invited to claim a password which the device would then not get.
/// </summary>
internal sealed class OfferResolver(
    ObjectStore<MailBackend> backends,
    ObjectStore<MailUser> users,
    BackendRegistry registry,
    DeviceGrants grants,
    InvitationOptions options)
{
    /// <summary>
    /// Lower-case letters and digits are the quickest to type on a phone. 26 of them after the id are 134 bits.
    /// </summary>
    private const PasswordAlphabet Alphabet = PasswordAlphabet.Lowercase;

    /// <summary>The snapshot with the offer, or with the problem that prevents it.</summary>
    public InvitationSnapshot Resolve(DeviceInvitation invitation, InvitationSnapshot snapshot, DateTimeOffset now)
    {
        if ((Invalid(invitation) ?? InvalidExpiry(invitation, snapshot.ExpiresAt, now)) is { } invalid)
        {
            return snapshot with { Problem = new SpecProblem(Reasons.InvalidSpec, invalid) };
        }

        if (options.Portal is null)
        {
            return snapshot with
            {
                Problem = new SpecProblem(
                    Reasons.PortalMissing,
                    "The portal's address is not configured; the platform team sets config.invitationUrl of the chart "
                    + "(InvitationUrl)"),
            };
        }

        MailDevice device = InvitedDevice.Of(invitation, now);
        return BackendSelection.TryFind(device, backends, registry, out MailBackend? backend, out SpecProblem? problem)
            ? Resolve(invitation, snapshot with { WorkFactor = WorkFactorOf(backend) }, device, backend)
            : snapshot with { Problem = problem };
    }

    private InvitationSnapshot Resolve(
        DeviceInvitation invitation, InvitationSnapshot snapshot, MailDevice device, MailBackend backend)
    {
        if (MailboxAddress.IsValid(device.Spec.Mailbox) && grants.GrantProblem(device, backend) is { } notAllowed)
        {
            return snapshot with { Problem = notAllowed };
        }

        BackendCapabilities capabilities = registry.Get(backend).Capabilities;
        MailUser? user = users.Find(new ObjectKey(device.Metadata.NamespaceProperty, invitation.Spec.UserRef.Name));
        var claimed = new ClaimedPassword(invitation.Metadata.Name, Claim: null);
        ClientSpec client = registry.ClientOf(backend.Spec);
        SpecProblem? problem = MailDeviceResolver.TryResolve(
            device, backend, client, capabilities, out DesiredCredential? desired, out SpecProblem? unresolved)
                ? UserRestrictions.Problem(device, user, desired.Access.Restrictions, capabilities)
                    ?? ClaimedPasswords.Problem(device, claimed, capabilities)
                    ?? ExpiredAtOnce(device, desired)
                    ?? grants.QuotaProblem(device, backend)
                : unresolved;
        if (problem is not null)
        {
            return snapshot with { Problem = problem };
        }

        bool isChoiceGiven =
            capabilities.HasFlag(BackendCapabilities.ChosenPassword) && grants.AllowChosen(device, backend);
        return snapshot with
        {
            IsChoiceRefused = snapshot.MayChoose && !isChoiceGiven,
            Offer = Offer(invitation, desired!, user!, snapshot.MayChoose && isChoiceGiven),
        };
    }

    private static InvitationOffer Offer(
        DeviceInvitation invitation, DesiredCredential desired, MailUser user, bool mayChoose)
    {
        MailProtocol[] protocols = [.. desired.Secret.Endpoints.Select(static one => one.Protocol).Order()];
        EndpointSpec? EndpointOf(MailProtocol protocol) =>
            desired.Secret.Endpoints.FirstOrDefault(one => one.Protocol == protocol) is { } one
                ? new EndpointSpec { Host = one.Host, Port = one.Port, Security = one.Security }
                : null;
        return new InvitationOffer
        {
            Mailbox = desired.Access.Mailbox,
            Username = desired.Access.Username,
            DeviceName = InvitedDevice.DisplayNameOf(invitation),
            DeviceType = invitation.Spec.Device?.DeviceType,
            Holder = user.Spec.DisplayName ?? user.Metadata.Name,
            Protocols = protocols,
            Client = new ServersSpec
            {
                Imap = EndpointOf(MailProtocol.IMAP),
                Pop3 = EndpointOf(MailProtocol.POP3),
                Smtp = EndpointOf(MailProtocol.SMTP),
            },
            Password = new OfferedPassword
            {
                Length = PasswordGenerator.DefaultLength,
                Alphabet = Alphabet,
                WorkFactor = desired.WorkFactor,
                Chosen = mayChoose ? ChosenPasswordPolicy.Allowed : ChosenPasswordPolicy.Denied,
            },
        };
    }

    private static string? Invalid(DeviceInvitation invitation) => invitation switch
    {
        { DecodeError: { } error } => $"The object does not fit its schema: {error}",
        { Spec.UserRef.Name.Length: 0 } => "spec.userRef.name is empty; name the MailUser who will hold the password",
        { Spec.ExpireAfter: { } text } when !IsLifetime(text) =>
            $"spec.expireAfter '{text}' is not a duration greater than zero and at most "
            + Durations.Format(InvitedDevice.MaxLifetime),
        _ when !ObjectNames.IsValid(InvitedDevice.KeyOf(invitation).Name) =>
            $"spec.device.name '{invitation.Spec.Device?.Name}' cannot be the name of a MailDevice",
        _ when InvitedDevice.LinkSecretOf(invitation) is var secret && !ObjectNames.IsValid(secret) =>
            $"'{secret}' cannot be the name of the Secret with the link; set spec.linkSecret.name",
        { Spec.Delivery.Email.To: { } to } when !MailboxAddress.IsValid(to) =>
            $"spec.delivery.email.to '{to}' is not a mail address that can be used",
        _ => null,
    };

    // Only a fixed time can be too early: a duration counts from the claim.
    private static string? InvalidExpiry(DeviceInvitation invitation, DateTimeOffset linkEnd, DateTimeOffset now) =>
        invitation.Spec.Device?.Expiry?.At?.ToUniversalTime() switch
        {
            { } at when at <= now =>
                $"spec.device.expiry.at {Rfc3339.Format(at)} has passed, so the device would have expired at once; "
                + "delete the invitation and make another with a later time",
            { } at when at < linkEnd =>
                $"spec.device.expiry.at {Rfc3339.Format(at)} is before the end of the link at "
                + $"{Rfc3339.Format(linkEnd)}, so the device could have expired when the link is used; delete the "
                + "invitation and make another with a later time, or with a shorter spec.expireAfter",
            _ => null,
        };

    // The device would be created now.
    private static SpecProblem? ExpiredAtOnce(MailDevice device, DesiredCredential desired) =>
        desired.Lifetime.ExpiresAt <= device.Metadata.CreationTimestamp
            ? new SpecProblem(
                Reasons.InvalidSpec,
                "The device would have expired when it is created; correct spec.device.expiry, or spec.expiry of "
                + $"MailBackend '{desired.BackendName}'")
            : null;

    // Null for one that no hash can be judged by: the MailBackend cannot be used then.
    private static int? WorkFactorOf(MailBackend backend) =>
        (backend.Spec.Hashing?.WorkFactor ?? PasswordHasher.DefaultWorkFactor) is var factor and >= 4 and <= 15
            ? factor
            : null;

    private static bool IsLifetime(string text) =>
        Durations.Parse(text) is { } life && life > TimeSpan.Zero && life <= InvitedDevice.MaxLifetime;
}
