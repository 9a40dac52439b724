using MailOperator.DeviceInvitations.Delivery;

namespace MailOperator.DeviceInvitations;

/// <summary>What the operator must know to invite anybody.</summary>
internal sealed class InvitationOptions
{
    /// <summary>Where people open links; null if there is no portal.</summary>
    public Uri? Portal { get; init; }

    /// <summary>Through which links are mailed; null if none are.</summary>
    public SmtpRelay? Relay { get; init; }
}
