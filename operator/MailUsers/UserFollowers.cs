using System.Collections.Immutable;
using MailOperator.Api;

namespace MailOperator.MailUsers;

/// <summary>Which devices of a MailUser follow it, by what their statuses say. Pure.</summary>
/// <param name="Count">How many devices name the user.</param>
/// <param name="Behind">Those that do not follow it yet, blocked ones first, then by name.</param>
internal sealed record UserFollowers(int Count, ImmutableArray<UserFollowers.Follower> Behind)
{
    private const int MaxNamed = 5;
    private const int MaxReason = 200;

    public int Following => Count - Behind.Length;

    /// <summary>Judges the devices that name the user.</summary>
    public static UserFollowers Of(MailUser user, IReadOnlyCollection<MailDevice> named) => new(
        named.Count,
        [
            .. named.Select(static device => new Follower(device.Metadata.Name, FollowerFacts.Of(device)))
                .Where(one => !Follows(user, one.Facts))
                .OrderBy(static one => !one.Facts.IsBlocked).ThenBy(static one => one.Name, StringComparer.Ordinal),
        ]);

    /// <summary>
    /// How many do not follow yet, a few of them with the reason, and how many more; null if all follow.
    /// </summary>
    public string? ExplainBehind() => Behind.IsEmpty
        ? null
        : $"{Behind.Length} of its {Count} devices do not follow it yet: {List([.. Behind])}";

    /// <summary>
    /// The devices on which what the user takes away could not be ended, in the same way; null if there are none.
    /// </summary>
    public string? ExplainBlocked() => Behind.Where(static one => one.Facts.IsBlocked).ToArray() is { Length: > 0 } all
        ? $"What this MailUser takes away is not enforced on {all.Length} of its {Count} devices: {List(all)}"
        : null;

    private static bool Follows(MailUser user, FollowerFacts facts) => facts switch
    {
        { MayHavePasswords: false } => true,
        { IsOfItsSpec: false } => false,
        _ when !(facts.User?.IsOf(user.Metadata.Uid, user.Metadata.Generation) ?? false) => false,
        // An ended password that still works breaks only what the user forbids.
        { Pending: not null } when UserRestrictions.RestrictsAnything(user) => false,
        // The suspension is lifted, but something holds the device back.
        { IsSuspendedByUser: true } when !UserRestrictions.IsSuspended(user) => false,
        { User.Sending: SendingRight.Denied } when user.Spec.Sending != SendingRight.Denied => false,
        _ => true,
    };

    private static string List(Follower[] devices) =>
        string.Join("; ", devices.Take(MaxNamed).Select(static one => $"{one.Name} ({Why(one.Facts)})"))
        + (devices.Length > MaxNamed ? $"; and {devices.Length - MaxNamed} more" : "");

    private static string Why(FollowerFacts facts) => facts switch
    {
        { Pending: { } pending } => Short(pending.Message),
        { Problem: { } problem } => $"not seen at the mail system yet; it says: {Short(problem)}",
        { IsOfItsSpec: true, User.Sending: SendingRight.Denied } =>
            "sending is still refused; its condition Ready says what holds it back",
        _ => "not reconciled yet",
    };

    private static string Short(string message) =>
        message.Length <= MaxReason ? message : $"{message[..(MaxReason - 3)]}...";

    /// <summary>A device that names the user.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Facts">What its status tells.</param>
    internal sealed record Follower(string Name, FollowerFacts Facts);
}
