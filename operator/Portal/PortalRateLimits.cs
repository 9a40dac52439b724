using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using MailOperator.Portal.Claims;

namespace MailOperator.Portal;

/// <summary>
/// How often one address may ask, and how often one link may be asked for. Links that do not exist share no counter of
/// their own: guessing must not fill the memory.
/// </summary>
internal static class PortalRateLimits
{
    internal static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    public static PartitionedRateLimiter<HttpContext> Create(PortalOptions options, InvitationIndex index, TimeProvider clock) => PartitionedRateLimiter.CreateChained(
        PartitionedRateLimiter.Create<HttpContext, string>(context =>
            Limit(AddressKey(context.Connection.RemoteIpAddress), options.RequestsPerMinute)),
        PartitionedRateLimiter.Create<HttpContext, string>(context =>
            LinkKey(context, index, clock) is { } link ? Limit(link, options.LinkRequestsPerMinute) : RateLimitPartition.GetNoLimiter("")),
        PartitionedRateLimiter.Create<HttpContext, string>(context =>
            HttpMethods.IsPost(context.Request.Method) && LinkKey(context, index, clock) is { } link
                ? Limit(link, options.ClaimsPerMinute)
                : RateLimitPartition.GetNoLimiter("")));

    /// <summary>The address, or the /64 of an IPv6 address, all of which one household or one attacker has.</summary>
    internal static string AddressKey(IPAddress? address)
    {
        if (address is null)
        {
            return "";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? $"{new IPAddress([.. address.GetAddressBytes().AsSpan(0, 8), 0, 0, 0, 0, 0, 0, 0, 0])}/64"
            : address.ToString();
    }

    /// <summary>The hash of a link that can be claimed, or null: a limit of its own would tell a spent link from one that never was.</summary>
    internal static string? LinkKey(HttpContext context, InvitationIndex index, TimeProvider clock) =>
        context.Request.Path.StartsWithSegments("/i", out PathString rest)
        && LinkToken.TryParse(rest.Value?.Split('/').ElementAtOrDefault(1), out LinkToken? token)
        && index.Find(token) is { } found && LinkPhase.Of(found, browserClaim: null, clock.GetUtcNow()) is LinkPhase.Open
            ? token.Hash
            : null;

    // Short segments: nobody gets twice the limit around the turn of a minute.
    private static RateLimitPartition<string> Limit(string key, int permits) => RateLimitPartition.GetSlidingWindowLimiter(
        key, _ => new SlidingWindowRateLimiterOptions { PermitLimit = permits, Window = Window, SegmentsPerWindow = 6, QueueLimit = 0 });
}
