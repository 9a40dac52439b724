using MailOperator.Api;

namespace MailOperator.Portal.MailApps;

/// <summary>
/// The settings of a whole mail domain, for apps that ask by address and without a link. They come from the offers of
/// the existing invitations. They never depend on the part before the @, so that an answer does not reveal whether a
/// mailbox exists.
/// </summary>
/// <param name="Domain">The domain of the mailboxes.</param>
/// <param name="Login">The form of the domain's login names.</param>
/// <param name="Servers">IMAP, POP3 and SMTP.</param>
internal sealed record DomainSettings(string Domain, LoginName Login, IReadOnlyList<MailServer> Servers)
{
    /// <summary>
    /// The settings on which all offers of a domain agree. Null if there is no offer, if offers contradict one another,
    /// or if login names follow no rule: the settings of a single mailbox are only for the person who has its link.
    /// </summary>
    public static DomainSettings? Find(IEnumerable<DeviceInvitation> invitations, string? domain)
    {
        InvitationOffer[] offers =
        [
            .. invitations.Where(static invitation => !invitation.IsDeleting)
                .Select(static invitation => invitation.Status?.Offer)
                .OfType<InvitationOffer>()
                .Where(offer => DomainOf(offer.Mailbox).Equals(domain, StringComparison.OrdinalIgnoreCase)),
        ];
        if (offers.Length == 0 || domain is null)
        {
            return null;
        }

        LoginName[] logins = [.. offers.Select(LoginOf).Distinct()];
        // An offer only has the servers for its device's protocols, so the domain's servers are those of all its
        // offers.
        MailServer[] servers =
        [
            .. offers.SelectMany(static offer => MailSettings.Of(offer).Servers)
                .Distinct()
                .OrderBy(static server => server.Protocol),
        ];
        bool isUnambiguous = servers.DistinctBy(static server => server.Protocol).Count() == servers.Length;
        return logins is [not LoginName.Other and var login] && servers.Length > 0 && isUnambiguous
            ? new DomainSettings(domain.ToLowerInvariant(), login, servers)
            : null;
    }

    /// <summary>The part after the last @; "" if there is none.</summary>
    public static string DomainOf(string address) =>
        address.LastIndexOf('@') is >= 0 and var at ? address[(at + 1)..] : "";

    private static LoginName LoginOf(InvitationOffer offer) =>
        offer.Username.Length == 0 || offer.Username.Equals(offer.Mailbox, StringComparison.OrdinalIgnoreCase)
            ? LoginName.Address
        : offer.Mailbox.StartsWith($"{offer.Username}@", StringComparison.OrdinalIgnoreCase) ? LoginName.LocalPart
        : LoginName.Other;
}

/// <summary>The form of a login name.</summary>
internal enum LoginName
{
    /// <summary>The mailbox's whole address.</summary>
    Address,

    /// <summary>The part of the address before the @.</summary>
    LocalPart,

    /// <summary>Anything else.</summary>
    Other,
}
