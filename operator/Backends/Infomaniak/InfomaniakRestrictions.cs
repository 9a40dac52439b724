using System.Globalization;
using MailOperator.Api;

namespace MailOperator.Backends.Infomaniak;

/// <summary>What the API cannot do for a password.</summary>
internal static class InfomaniakRestrictions
{
    /// <summary>What is asked that it cannot do, and what to do about it, in a sentence; null if it can do all.</summary>
    public static string? Problem(SlotRestrictions restrictions, DeviceDescription? device) =>
        restrictions.IsSuspended
            ? "Infomaniak cannot suspend a password. Take spec.suspended away, of the MailDevice or of its MailUser, or delete the MailDevice to end its password"
            : !restrictions.AllowedNetworks.IsEmpty
                ? "Infomaniak cannot enforce spec.allowedNetworks. Leave it out or use another backend"
                : !restrictions.Protocols.Contains(MailProtocol.SMTP)
                    ? "Infomaniak lets every device send, so that spec.protocols without SMTP cannot be enforced. Add SMTP, leave spec.protocols out, or use another backend"
                    : DeviceAccess.ProtocolsOf(restrictions.Protocols) is null
                        ? "Infomaniak has no device that only sends. Add IMAP or POP3 to spec.protocols, leave it out, or use another backend"
                        : !restrictions.MaySend
                            ? $"Infomaniak cannot stop one device from sending. Take the right to send away from the user in its manager, and set spec.sending of MailUser '{device?.User}' to Allowed"
                            : UserProblem(device);

    private static string? UserProblem(DeviceDescription? device) => device switch
    {
        null or { User: null, UserId: null } => null,
        { UserId: null } => $"Infomaniak knows users by their numbers, and MailUser '{device.User}' has none. Set its spec.externalId to the user's id at Infomaniak, or leave spec.userRef out",
        _ => IsId(device.UserId)
            ? null
            : $"MailUser '{device.User}' has the spec.externalId '{device.UserId}', which is no user's id at Infomaniak. Set it to that number, or leave spec.userRef out",
    };

    private static bool IsId(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long id) && id > 0;
}
