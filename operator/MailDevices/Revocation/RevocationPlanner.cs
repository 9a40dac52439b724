using System.Collections.Immutable;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Planning;

namespace MailOperator.MailDevices.Revocation;

/// <summary>
/// Decides what is taken away from a device: in every state in which its backends can be reached, and whatever else is
/// wrong. It is the only machine for that, for devices that live and for those that are deleted. Pure.
/// </summary>
internal static class RevocationPlanner
{
    /// <param name="device">The device as observed.</param>
    /// <param name="mayGive">Nothing holds back a new password, so that one replaces a leaked chosen password.</param>
    /// <param name="now">The time.</param>
    public static RevocationPlan Plan(MailDeviceSnapshot device, bool mayGive, DateTimeOffset now)
    {
        LeakedPasswords leaked = LeakedPasswords.Of(device, mayGive, now);
        PlaceRevocation[] places = [.. device.Places.Where(static place => place.Failure is null)
            .Select(place => new PlaceRevocation(device, place, leaked, mayGive, now))];
        Change[] ofLeaked = [.. places.SelectMany(static place => place.ChangesOfLeaked())];
        ImmutableArray<Change> changes =
        [
            .. places.SelectMany(static place => place.Changes()),
            // Before a token ends anything, it is read again from the API server: the cache may be out of date.
            .. ofLeaked.Length > 0 ? [new Change.ConfirmTokens()] : Array.Empty<Change>(),
            .. ofLeaked,
        ];
        MailDeviceSnapshot after = WorldAfter.Of(device, changes) with { AreTokensConfirmed = ofLeaked.Length > 0 };
        return new RevocationPlan(changes, after)
        {
            IsNothingLeft = device.Unreachable is null
                && device.Places.All(static place => place.Failure is null)
                && places.All(static place => place.IsNothingLeft),
            RecheckAfter = RecheckTime.Until(
                [.. places.SelectMany(static place => place.NextLooks()), .. Expiry(device, places, now)], now),
            Pending = places.Any(static place => place.IsPending)
                ? "A password has ended; mail servers will be told to flush it from their caches as soon as all of "
                    + "them must refuse it"
                : null,
            Blocked = leaked.Held ?? Unreachable(device, now) ?? Unenforced(places),
        };
    }

    private static IEnumerable<DateTimeOffset> Expiry(
        MailDeviceSnapshot device, PlaceRevocation[] places, DateTimeOffset now) =>
        device.Stops.EndsAt is { } end && end > now && places.Any(static place => place.HasLive) ? [end] : [];

    private static string? Unreachable(MailDeviceSnapshot device, DateTimeOffset now) =>
        device.Unreachable is { } why && StopsInForce.Unconfirmed(device, now) is { } stop
            ? $"{stop} cannot be carried out, and a password may still work: {why}"
            : null;

    private static string? Unenforced(PlaceRevocation[] places) =>
        places.SelectMany(static place => place.Unenforced()).Distinct().ToArray() is { Length: > 0 } fields
            ? $"The backend cannot enforce {string.Join(" and ", fields)} on a password that exists, so it still works "
                + "without that limit; delete the MailDevice to end it"
            : null;
}
