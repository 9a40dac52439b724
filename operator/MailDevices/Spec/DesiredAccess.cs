using MailOperator.Backends;
using MailOperator.MailUsers;
using MailOperator.Api;

namespace MailOperator.MailDevices.Spec;

/// <summary>What the mail system is to let in.</summary>
internal sealed record DesiredAccess
{
    /// <summary>In lower case, as the backend keeps it.</summary>
    public required string Mailbox { get; init; }

    /// <summary>What a client types in.</summary>
    public required string Username { get; init; }

    public required SlotRestrictions Restrictions { get; init; }

    /// <summary>Name of the MailUser whose suspension is a reason for that of the credential; null if there is none.</summary>
    public string? SuspendedUser { get; init; }

    /// <summary>The access while its user is as it is now.</summary>
    public DesiredAccess For(MailUser user) => this with
    {
        SuspendedUser = UserRestrictions.IsSuspended(user) ? user.Metadata.Name : null,
        Restrictions = UserRestrictions.Restrict(Restrictions, user),
    };
}
