using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailUsers;

namespace MailOperator.MailDevices.Spec;

/// <summary>The access that the mail system must grant.</summary>
internal sealed record DesiredAccess
{
    /// <summary>In lower case, as the backend stores it.</summary>
    public required string Mailbox { get; init; }

    /// <summary>The user name to log in with.</summary>
    public required string Username { get; init; }

    public required SlotRestrictions Restrictions { get; init; }

    /// <summary>Name of the MailUser if it is suspended, so that the credential is too; null if it is not.</summary>
    public string? SuspendedUser { get; init; }

    /// <summary>The access with the restrictions of its user.</summary>
    public DesiredAccess For(MailUser user) => this with
    {
        SuspendedUser = UserRestrictions.IsSuspended(user) ? user.Metadata.Name : null,
        Restrictions = UserRestrictions.Restrict(Restrictions, user),
    };
}
