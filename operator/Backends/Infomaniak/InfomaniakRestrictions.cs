using System.Globalization;
using MailOperator.Api;

namespace MailOperator.Backends.Infomaniak;

/// <summary>Restrictions that the API cannot enforce.</summary>
internal static class InfomaniakRestrictions
{
    /// <summary>
    /// Which restriction it cannot enforce and what to do about it, as a sentence; null if it can enforce all.
    /// </summary>
    public static string? Problem(SlotRestrictions restrictions, DeviceDescription? device) =>
        restrictions switch
        {
            { IsSuspended: true } =>
                "Infomaniak cannot suspend a password, so a suspended MailDevice has none. "
                + "Remove spec.suspended from the MailDevice and its MailUser for a new one",
            { AllowedNetworks.IsEmpty: false } =>
                "Infomaniak cannot enforce spec.allowedNetworks. Leave it out or use another backend",
            _ when !restrictions.Protocols.Contains(MailProtocol.SMTP) =>
                "Infomaniak lets every device send, so spec.protocols without SMTP cannot be enforced. "
                + "Add SMTP, leave spec.protocols out, or use another backend",
            _ when DeviceAccess.ProtocolsOf(restrictions.Protocols) is null =>
                "Infomaniak has no device that only sends. "
                + "Add IMAP or POP3 to spec.protocols, leave it out, or use another backend",
            { MaySend: false } =>
                "Infomaniak cannot stop one device from sending. Remove the user's right to send in its manager, "
                + $"and set spec.sending of MailUser '{device?.User}' to Allowed",
            _ => UserProblem(device),
        };

    private static string? UserProblem(DeviceDescription? device) => device switch
    {
        null or { User: null, UserId: null } => null,
        { UserId: null } =>
            $"Infomaniak identifies users by number, and MailUser '{device.User}' has none. "
            + "Set its spec.externalId to the user's id at Infomaniak, or leave spec.userRef out",
        _ when IsId(device.UserId) => null,
        _ =>
            $"MailUser '{device.User}' has the spec.externalId '{device.UserId}', which is not a user's "
            + "id at Infomaniak. "
            + "Set it to that number, or leave spec.userRef out",
    };

    private static bool IsId(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long id) && id > 0;
}
