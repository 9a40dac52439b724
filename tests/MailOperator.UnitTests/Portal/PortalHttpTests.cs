using System.Net;
using MailOperator.Api;
using MailOperator.DeviceInvitations;
using static MailOperator.UnitTests.Portal.Links;

namespace MailOperator.UnitTests.Portal;

/// <summary>The portal's answers to browsers, scanners and mail apps.</summary>
public sealed class PortalHttpTests : PortalHttpTest
{
    [Fact]
    public async Task Answers_OfAnyKind_HaveTheSecurityHeaders()
    {
        using var large = new FormUrlEncodedContent([KeyValuePair.Create("password", new string('a', 40_000))]);
        HttpResponseMessage[] answers =
        [
            await Visitor.GetAsync(Link),
            await Visitor.GetAsync("/i/unknown"),
            await Visitor.GetAsync("/"),
            await Visitor.PostAsync(Link, ("signature", "forged")),
            await Visitor.SendAsync(HttpMethod.Post, Link, large),
            await Visitor.GetAsync("/mail/config-v1.1.xml?emailaddress=a@example.com"),
        ];

        foreach (HttpResponseMessage answer in answers)
        {
            string policy = Header(answer, "Content-Security-Policy");
            Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("base-uri 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Contains("no-store", Header(answer, "Cache-Control"), StringComparison.Ordinal);
            Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
            Assert.Equal("DENY", Header(answer, "X-Frame-Options"));
            Assert.Equal("no-referrer", Header(answer, "Referrer-Policy"));
            Assert.Equal("same-origin", Header(answer, "Cross-Origin-Opener-Policy"));
            Assert.Equal("same-origin", Header(answer, "Cross-Origin-Resource-Policy"));
            Assert.StartsWith(
                "max-age=31536000", Header(answer, "Strict-Transport-Security"), StringComparison.Ordinal);
            Assert.Contains("noindex", Header(answer, "X-Robots-Tag"), StringComparison.Ordinal);
            Assert.False(answer.Headers.Contains("Server"));
            Assert.DoesNotContain("style=", await BodyAsync(answer), StringComparison.Ordinal);
            Assert.DoesNotContain(" on", (await BodyAsync(answer)).Split("<main")[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Cookies_OfALink_ArePrefixedHttpOnlyAndNamedByTheLink()
    {
        Rig.Api.Answer(HttpStatusCode.OK);
        using HttpResponseMessage opened = await Visitor.GetAsync(Link);
        using HttpResponseMessage claimed = await Visitor.ClaimAsync(Link);

        string[] cookies = [.. opened.Headers.GetValues("Set-Cookie"), .. claimed.Headers.GetValues("Set-Cookie")];
        string link = LinkUrl.HashOf(Token)[..16];
        Assert.Equal([$"__Host-nonce-{link}", $"__Host-claim-{link}"], cookies.Select(cookie => cookie.Split('=')[0]));
        Assert.All(cookies, cookie =>
        {
            foreach (string part in (string[])[
                "; secure", "; httponly", "; samesite=lax", "; path=/;", "; max-age=604800"])
            {
                Assert.Contains(part, cookie, StringComparison.OrdinalIgnoreCase);
            }

            // Browsers refuse it with that prefix.
            Assert.DoesNotContain("domain=", cookie, StringComparison.OrdinalIgnoreCase);
        });
        Assert.Equal(
            (HttpStatusCode.SeeOther, $"{Link}?lang=en"), (claimed.StatusCode, claimed.Headers.Location!.ToString()));
    }

    [Fact]
    public async Task Cookies_WithoutTls_HaveNoPrefix()
    {
        await using PortalRig rig = await PortalRig.StartAsync(("PublicUrl", "http://devices.example.com"));
        using PortalRig.Visitor visitor = rig.NewVisitor();
        rig.Put(Invitation(Token));
        using HttpResponseMessage opened = await visitor.GetAsync(Link);

        string cookie = Assert.Single(opened.Headers.GetValues("Set-Cookie"));
        Assert.StartsWith("nonce-", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain("secure", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Page_OfAnInvitation_EscapesItsValues()
    {
        using HttpResponseMessage page = await Visitor.GetAsync(Link);
        string html = await BodyAsync(page);

        Assert.Contains("Anna&#x27;s &lt;phone&gt;", html, StringComparison.Ordinal);
        Assert.Contains("Hello Anna &amp; Co", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAndHead_AnyNumber_SpendNothing()
    {
        foreach (HttpMethod method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Head, HttpMethod.Get])
        {
            using HttpResponseMessage answer = await Visitor.SendAsync(method, Link);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        using HttpResponseMessage scanner = await Visitor.SendAsync(
            HttpMethod.Get, $"{Link}?password=0123456789abcdef&signature=x");
        Assert.Equal(HttpStatusCode.OK, scanner.StatusCode);
        Assert.Empty(Rig.Api.Requests);
    }

    [Fact]
    public async Task PublicUrl_WithAPathThatMailAppsUse_AnswersBoth()
    {
        // Mutant: the path is removed from every request. /mail/config-v1.1.xml would not be found.
        await using PortalRig rig = await PortalRig.StartAsync(("PublicUrl", "https://devices.example.com/mail"));
        using PortalRig.Visitor visitor = rig.NewVisitor();
        string token = NewText();
        rig.Put(Invitation(token));

        using HttpResponseMessage settings = await visitor.GetAsync(
            "/mail/config-v1.1.xml?emailaddress=anna@example.com");
        using HttpResponseMessage page = await visitor.GetAsync($"/mail/i/{token}");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (settings.StatusCode, page.StatusCode));
        Assert.Contains($"action=\"?lang=en\"", await BodyAsync(page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownSpentAndExpired_AreAnsweredAlike()
    {
        string spent = NewText(), expired = NewText(), unready = NewText();
        Rig.Put(Invitation(
            spent, "spent", status => Claim(status, "other", Is(ConditionTypes.Claimed, "True", Reasons.Claimed))));
        Rig.Put(Invitation(expired, "expired", status => status.ExpiresAt = Now.AddSeconds(-1)));
        Rig.Put(Invitation(unready, "unready", status => status.Conditions = []));

        var answers = new List<string>();
        foreach (string token in (string[])[NewText(), spent, expired, unready, "short", "..%2f..%2f"])
        {
            foreach (string suffix in (string[])["", "/state", "/mail.mobileconfig"])
            {
                answers.Add(await DescribeAsync(await Visitor.GetAsync($"/i/{token}{suffix}")));
            }

            answers.Add(await DescribeAsync(await Visitor.PostAsync($"/i/{token}", ("signature", "x"))));
            answers.Add(await DescribeAsync(await Visitor.PostAsync($"/i/{token}/done", ("signature", "x"))));
        }

        Assert.StartsWith("NotFound", Assert.Single(answers.Distinct()), StringComparison.Ordinal);
        Assert.Empty(Rig.Api.Requests);
    }

    [Fact]
    public async Task Assets_AreCachedForever()
    {
        string page = await BodyAsync(await Visitor.GetAsync(Link));
        string path = page.Split("<link rel=\"stylesheet\" href=\"")[1].Split('"')[0];
        using HttpResponseMessage style = await Visitor.GetAsync(path);

        Assert.Equal((HttpStatusCode.OK, "text/css"), (style.StatusCode, style.Content.Headers.ContentType!.MediaType));
        Assert.Contains("immutable", Header(style, "Cache-Control"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_AtThePublicPort_AreNotThere()
    {
        using HttpResponseMessage metrics = await Visitor.SendAsync(
            HttpMethod.Get, "/metrics", null, ("Host", "devices.example.com:1"));

        Assert.Equal(HttpStatusCode.NotFound, metrics.StatusCode);
    }

    [Theory]
    [InlineData("/mail/config-v1.1.xml?emailaddress=nobody@example.com", "", HttpStatusCode.OK)]
    [InlineData("/.well-known/autoconfig/mail/config-v1.1.xml", "autoconfig.example.com", HttpStatusCode.OK)]
    [InlineData("/.well-known/autoconfig/mail/config-v1.1.xml", "example.com", HttpStatusCode.OK)]
    [InlineData("/mail/config-v1.1.xml?emailaddress=anna@example.org", "", HttpStatusCode.NotFound)]
    [InlineData("/mail/config-v1.1.xml", "", HttpStatusCode.NotFound)]
    public async Task Autoconfig_IsByDomain(string path, string host, HttpStatusCode expected)
    {
        using HttpResponseMessage answer = await Visitor.SendAsync(
            HttpMethod.Get, path, null, host.Length == 0 ? [] : [("Host", host)]);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task Autodiscover_Asked_Answers()
    {
        using var question = new StringContent(
            "<Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006\">"
            + "<Request><EMailAddress>nobody@example.com</EMailAddress></Request></Autodiscover>");
        using HttpResponseMessage answer = await Visitor.SendAsync(
            HttpMethod.Post, "/Autodiscover/Autodiscover.xml", question);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("<LoginName>nobody@example.com</LoginName>", await BodyAsync(answer), StringComparison.Ordinal);
    }

    private static string Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(", ", values) : "";

    private static async Task<string> DescribeAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            answer.Headers.Remove("Date");
            return $"{answer.StatusCode}\n{answer.Headers}{answer.Content.Headers}\n{await BodyAsync(answer)}";
        }
    }
}
