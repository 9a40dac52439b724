using System.Diagnostics;
using System.Net;
using MailOperator.Api;
using MailOperator.Portal;
using MailOperator.Tests;
using static MailOperator.UnitTests.Portal.Links;

namespace MailOperator.UnitTests.Portal;

/// <summary>Rate limits: per address, per link, and against guessing links.</summary>
public sealed class PortalLimitTests
{
    private const int Guesses = 10_000;
    private const int Guessers = 8;

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2::", "2001:db8:1:2::/64")]
    [InlineData(null, "")]
    public void AddressKey_IsTheAddressOrItsNetwork(string? address, string expected) =>
        Assert.Equal(expected, PortalRateLimits.AddressKey(address is null ? null : IPAddress.Parse(address)));

    [Fact]
    public async Task Guesses_TenThousand_AreRefusedAndCounted_WithoutARequestToTheApiServer()
    {
        await using PortalRig rig = await PortalRig.StartAsync(("RequestsPerMinute", "500"));
        rig.Put(Invitation(NewText()));
        var clock = Stopwatch.StartNew();

        HttpStatusCode[] statuses =
            [.. (await Task.WhenAll(Enumerable.Range(0, Guessers).Select(_ => GuessAsync(rig, Guesses / Guessers))))
                .SelectMany(static answers => answers)];

        // Only as many as are allowed in the minutes that it took were looked up. All others were refused before.
        int lookedUp = statuses.Count(status => status == HttpStatusCode.NotFound);
        Assert.Equal(Guesses, lookedUp + statuses.Count(status => status == HttpStatusCode.TooManyRequests));
        Assert.InRange(lookedUp, 500, 500 * (1 + (int)Math.Ceiling(clock.Elapsed.TotalMinutes)));
        MetricsPage page = rig.Metrics;
        Assert.Equal(lookedUp, page.Sum("mail_operator_portal_links_refused_total"));
        Assert.Equal(Guesses - lookedUp, page.Sum("mail_operator_portal_requests_limited_total"));
        Assert.Empty(rig.Api.Requests);
    }

    private static async Task<List<HttpStatusCode>> GuessAsync(PortalRig rig, int guesses)
    {
        using PortalRig.Visitor visitor = rig.NewVisitor();
        var statuses = new List<HttpStatusCode>();
        for (int number = 0; number < guesses; number++)
        {
            using HttpResponseMessage answer = await visitor.GetAsync($"/i/{NewText()}");
            statuses.Add(answer.StatusCode);
        }

        return statuses;
    }

    [Fact]
    public async Task Link_SpentOrExpired_HasNoLimitOfItsOwn()
    {
        // Mutant: every existing link has a limit. Its 429 would tell a spent link from one that never existed.
        await using PortalRig rig = await PortalRig.StartAsync(
            ("LinkRequestsPerMinute", "2"), ("ClaimsPerMinute", "1"));
        using PortalRig.Visitor visitor = rig.NewVisitor();
        string spent = NewText(), expired = NewText();
        rig.Put(Invitation(
            spent, "spent", status => Claim(status, "other", Is(ConditionTypes.Claimed, "True", Reasons.Claimed))));
        rig.Put(Invitation(expired, "expired", status => status.ExpiresAt = Now.AddSeconds(-1)));

        var statuses = new List<HttpStatusCode>();
        foreach (string token in (string[])[NewText(), spent, expired])
        {
            for (int time = 0; time < 4; time++)
            {
                using HttpResponseMessage page = await visitor.GetAsync($"/i/{token}"), form = await visitor.PostAsync(
                    $"/i/{token}", ("signature", "x"));
                statuses.AddRange([page.StatusCode, form.StatusCode]);
            }
        }

        Assert.All(statuses, static status => Assert.Equal(HttpStatusCode.NotFound, status));
    }

    [Fact]
    public async Task Link_AskedForTooOften_IsLimited_AndNoOther()
    {
        await using PortalRig rig = await PortalRig.StartAsync(("LinkRequestsPerMinute", "3"));
        using PortalRig.Visitor visitor = rig.NewVisitor();
        string token = NewText(), other = NewText();
        rig.Put(Invitation(token));
        rig.Put(Invitation(other, "other"));

        var statuses = new List<HttpStatusCode>();
        foreach (string path in (string[])[
            $"/i/{token}", $"/i/{token}/state", $"/i/{token}", $"/i/{token}", $"/i/{other}"])
        {
            using HttpResponseMessage answer = await visitor.GetAsync(path);
            statuses.Add(answer.StatusCode);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            {
                Assert.Equal(TimeSpan.FromMinutes(1), answer.Headers.RetryAfter!.Delta);
                Assert.Contains(
                    "It is not used up", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
                    StringComparison.Ordinal);
            }
        }

        Assert.Equal(
            [
                HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.OK, HttpStatusCode.TooManyRequests,
                HttpStatusCode.OK,
            ], statuses);
    }

    [Fact]
    public async Task Forms_OfALink_HaveALowerLimit()
    {
        await using PortalRig rig = await PortalRig.StartAsync(("ClaimsPerMinute", "2"));
        using PortalRig.Visitor visitor = rig.NewVisitor();
        string token = NewText();
        rig.Put(Invitation(token));

        var statuses = new List<HttpStatusCode>();
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage answer = await visitor.PostAsync($"/i/{token}", ("signature", "x"));
            statuses.Add(answer.StatusCode);
        }

        Assert.Equal([HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.TooManyRequests], statuses);
    }

    [Theory]
    [InlineData("", HttpStatusCode.TooManyRequests)] // no proxy is trusted: a forged header has no effect
    [InlineData("10.0.0.0/8", HttpStatusCode.TooManyRequests)] // the request does not come from that network
    [InlineData("10.0.0.0/8, 127.0.0.0/8", HttpStatusCode.NotFound)]
    public async Task ForwardedFor_IsTrustedFromConfiguredProxiesOnly(string proxies, HttpStatusCode expected)
    {
        await using PortalRig rig = await PortalRig.StartAsync(("RequestsPerMinute", "1"), ("TrustedProxies", proxies));
        using PortalRig.Visitor visitor = rig.NewVisitor();
        using HttpResponseMessage first = await visitor.SendAsync(
            HttpMethod.Get, "/i/x", null, ("X-Forwarded-For", "192.0.2.1"));
        using HttpResponseMessage second = await visitor.SendAsync(
            HttpMethod.Get, "/i/x", null, ("X-Forwarded-For", "192.0.2.2"));

        Assert.Equal(expected, second.StatusCode);
    }
}
