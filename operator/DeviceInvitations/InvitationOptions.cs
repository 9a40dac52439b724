using MailOperator.DeviceInvitations.Delivery;

namespace MailOperator.DeviceInvitations;

/// <summary>The operator's settings for invitations.</summary>
internal sealed class InvitationOptions
{
    /// <summary>The portal's address, with which links begin; null if there is no portal.</summary>
    public Uri? Portal { get; init; }

    /// <summary>The relay that links are mailed through; null if no links are mailed.</summary>
    public SmtpRelay? Relay { get; init; }
}
