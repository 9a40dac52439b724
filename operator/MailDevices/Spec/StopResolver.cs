using System.Collections.Immutable;
using System.Net;
using MailOperator.Api;
using MailOperator.MailUsers;

namespace MailOperator.MailDevices.Spec;

/// <summary>Reads what is taken away from a device, from each object as far as it can be read.</summary>
internal static class StopResolver
{
    /// <param name="device">The device. Its spec may be invalid.</param>
    /// <param name="backend">Its MailBackend; null if it is not known.</param>
    /// <param name="user">Its MailUser; null if it names none or it does not exist.</param>
    public static Stops Of(MailDevice device, MailBackend? backend, MailUser? user)
    {
        bool isUserSuspended = user is not null && UserRestrictions.IsSuspended(user);
        return new Stops
        {
            IsSuspended = (device.Spec.Suspended ?? false) || isUserSuspended,
            SuspendedUser = isUserSuspended ? user!.Metadata.Name : null,
            MaySend = user?.Spec.Sending != SendingRight.Denied,
            Protocols = device.Spec.Protocols is { Length: > 0 } protocols ? [.. protocols] : null,
            Networks = Networks(device.Spec.AllowedNetworks ?? []),
            EndsAt = backend is null ? null : ExpiryResolver.LatestEnd(device, backend),
            EndsBecause = backend is null ? "" : ExpiryResolver.Because(device, backend),
            User = user is null ? null : (user.Metadata.Uid, user.Metadata.Generation),
        };
    }

    // A network that cannot be read allows nobody in, unless none of the list can be read: then the list says nothing.
    private static ImmutableArray<string>? Networks(string[] networks)
    {
        ImmutableArray<string> readable =
        [
            .. networks.Select(static one => Network.TryParse(one, out IPNetwork network) ? network.ToString() : null)
                .OfType<string>().Distinct().Order(StringComparer.Ordinal),
        ];
        return readable.IsEmpty ? null : readable;
    }
}
