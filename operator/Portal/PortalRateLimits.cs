using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using MailOperator.Portal.Claims;

namespace MailOperator.Portal;

/// <summary>
/// The rate limits per address and per link. Links that do not exist have no counter, so that guessing cannot fill the
/// memory.
/// </summary>
internal static class PortalRateLimits
{
    /// <summary>The time over which requests are counted.</summary>
    internal static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private const int SegmentsPerWindow = 6;

    public static PartitionedRateLimiter<HttpContext> Create(
        PortalOptions options, InvitationIndex index, TimeProvider clock) => PartitionedRateLimiter.CreateChained(
            PartitionedRateLimiter.Create<HttpContext, string>(context =>
                Limit(AddressKey(context.Connection.RemoteIpAddress), options.RequestsPerMinute)),
            PartitionedRateLimiter.Create<HttpContext, string>(context =>
                LinkKey(context, index, clock) is { } link
                    ? Limit(link, options.LinkRequestsPerMinute)
                    : RateLimitPartition.GetNoLimiter("")),
            PartitionedRateLimiter.Create<HttpContext, string>(context =>
                HttpMethods.IsPost(context.Request.Method) && LinkKey(context, index, clock) is { } link
                    ? Limit(link, options.ClaimsPerMinute)
                    : RateLimitPartition.GetNoLimiter("")));

    /// <summary>
    /// The address; for IPv6 its /64, because a whole /64 belongs to one household or one attacker.
    /// </summary>
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

    /// <summary>
    /// The hash of a link that can be claimed; null for any other. A limit for spent links would tell them apart from
    /// links that never existed.
    /// </summary>
    internal static string? LinkKey(HttpContext context, InvitationIndex index, TimeProvider clock) =>
        context.Request.Path.StartsWithSegments("/i", out PathString rest)
        && LinkToken.TryParse(rest.Value?.Split('/').ElementAtOrDefault(1), out LinkToken? token)
        && index.Find(token) is { } found
        && LinkPhase.Of(found, browserClaim: null, clock.GetUtcNow()) is LinkPhase.Open
            ? token.Hash
            : null;

    // Several segments, or a client could get twice the limit around the end of a window.
    private static RateLimitPartition<string> Limit(string key, int permits) =>
        RateLimitPartition.GetSlidingWindowLimiter(key, _ => new SlidingWindowRateLimiterOptions
        {
            PermitLimit = permits,
            Window = Window,
            SegmentsPerWindow = SegmentsPerWindow,
            QueueLimit = 0,
        });
}
