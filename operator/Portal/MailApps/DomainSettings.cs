using MailOperator.Api;

namespace MailOperator.Portal.MailApps;

/// <summary>
/// Settings of a whole mail domain, for apps that ask by address and show no link. They come from the offers of the
/// invitations that there are, and never depend on the part before the @: so the answer does not tell whether a mailbox exists.
/// </summary>
/// <param name="Domain">The domain of the mailboxes.</param>
/// <param name="Login">What users of the domain log in with.</param>
/// <param name="Servers">IMAP, POP3 and SMTP.</param>
internal sealed record DomainSettings(string Domain, LoginName Login, IReadOnlyList<MailServer> Servers)
{
    /// <summary>
    /// The settings that all the offers of a domain agree on. Null if there is none, if they contradict one another, or if
    /// login names follow no rule: a mailbox's own settings are for whoever holds its link.
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
        // An offer names the servers of its device's protocols only, so the domain's are those of all offers together.
        MailServer[] servers = [.. offers.SelectMany(static offer => MailSettings.Of(offer).Servers).Distinct().OrderBy(static server => server.Protocol)];
        return logins is [not LoginName.Other and var login] && servers.Length > 0 && servers.DistinctBy(static server => server.Protocol).Count() == servers.Length
            ? new DomainSettings(domain.ToLowerInvariant(), login, servers)
            : null;
    }

    /// <summary>The part after the last @; "" if there is none.</summary>
    public static string DomainOf(string address) => address.LastIndexOf('@') is >= 0 and var at ? address[(at + 1)..] : "";

    private static LoginName LoginOf(InvitationOffer offer) =>
        offer.Username.Length == 0 || offer.Username.Equals(offer.Mailbox, StringComparison.OrdinalIgnoreCase) ? LoginName.Address
        : offer.Mailbox.StartsWith($"{offer.Username}@", StringComparison.OrdinalIgnoreCase) ? LoginName.LocalPart
        : LoginName.Other;
}

/// <summary>What stands before and after the @ of a login name.</summary>
internal enum LoginName
{
    Address,
    LocalPart,
    Other,
}
