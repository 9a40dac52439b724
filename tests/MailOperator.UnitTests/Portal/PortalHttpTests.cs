using System.Net;
using MailOperator.Api;
using MailOperator.DeviceInvitations;
using static MailOperator.UnitTests.Portal.Links;

namespace MailOperator.UnitTests.Portal;

/// <summary>What the portal answers, to browsers and to those who are none.</summary>
public sealed class PortalHttpTests : PortalHttpTest
{
    [Fact]
    public async Task Answers_OfAnyKind_CarryTheHeadersThatKeepThemSafe()
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
            Assert.StartsWith("max-age=31536000", Header(answer, "Strict-Transport-Security"), StringComparison.Ordinal);
            Assert.Contains("noindex", Header(answer, "X-Robots-Tag"), StringComparison.Ordinal);
            Assert.False(answer.Headers.Contains("Server"));
            Assert.DoesNotContain("style=", await BodyAsync(answer), StringComparison.Ordinal);
            Assert.DoesNotContain(" on", (await BodyAsync(answer)).Split("<main")[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Cookies_NoNeighbourCanSet_AndNoScriptReads_AndHaveTheLinksName()
    {
        Rig.Api.Answer(HttpStatusCode.OK);
        using HttpResponseMessage opened = await Visitor.GetAsync(Link);
        using HttpResponseMessage claimed = await Visitor.ClaimAsync(Link);

        string[] cookies = [.. opened.Headers.GetValues("Set-Cookie"), .. claimed.Headers.GetValues("Set-Cookie")];
        string link = LinkToken.HashOf(Token)[..16];
        Assert.Equal([$"__Host-nonce-{link}", $"__Host-claim-{link}"], cookies.Select(cookie => cookie.Split('=')[0]));
        Assert.All(cookies, cookie =>
        {
            foreach (string part in (string[])["; secure", "; httponly", "; samesite=lax", "; path=/;", "; max-age=604800"])
            {
                Assert.Contains(part, cookie, StringComparison.OrdinalIgnoreCase);
            }

            Assert.DoesNotContain("domain=", cookie, StringComparison.OrdinalIgnoreCase); // or no browser would take one of that prefix
        });
        Assert.Equal((HttpStatusCode.SeeOther, $"{Link}?lang=en"), (claimed.StatusCode, claimed.Headers.Location!.ToString()));
    }

    [Fact]
    public async Task Cookies_WithoutTls_HaveNoPrefixThatAsksForIt()
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
    public async Task Page_OfAnInvitation_EscapesWhatStandsInIt()
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

        using HttpResponseMessage scanner = await Visitor.SendAsync(HttpMethod.Get, $"{Link}?password=0123456789abcdef&signature=x");
        Assert.Equal(HttpStatusCode.OK, scanner.StatusCode);
        Assert.Empty(Rig.Api.Requests);
    }

    [Fact]
    public async Task PublicUrl_WithAPathThatMailAppsAskUnder_AnswersBoth()
    {
        // Mutant: the path is cut off whatever is asked for. /mail/config-v1.1.xml would be nowhere.
        await using PortalRig rig = await PortalRig.StartAsync(("PublicUrl", "https://devices.example.com/mail"));
        using PortalRig.Visitor visitor = rig.NewVisitor();
        string token = NewText();
        rig.Put(Invitation(token));

        using HttpResponseMessage settings = await visitor.GetAsync("/mail/config-v1.1.xml?emailaddress=anna@example.com");
        using HttpResponseMessage page = await visitor.GetAsync($"/mail/i/{token}");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (settings.StatusCode, page.StatusCode));
        Assert.Contains($"action=\"?lang=en\"", await BodyAsync(page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownSpentAndExpired_AreAnsweredAlike()
    {
        string spent = NewText(), expired = NewText(), unready = NewText();
        Rig.Put(Invitation(spent, "spent", status => Claim(status, "other", Is(ConditionTypes.Claimed, "True", Reasons.Claimed))));
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
    public async Task Form_NotFromOurPage_IsRefusedAndSpendsNothing()
    {
        string signature = await Visitor.SignatureAsync(Link);
        using PortalRig.Visitor stranger = Rig.NewVisitor();
        stranger.Set("nonce", Token, "made-up");
        HttpResponseMessage[] refused =
        [
            await Visitor.PostAsync(Link),
            await Visitor.PostAsync(Link, ("signature", signature[..^1])),
            await stranger.PostAsync(Link, ("signature", signature)), // another's
            await Visitor.SendAsync(HttpMethod.Post, Link, Form(signature), ("Sec-Fetch-Site", "cross-site")),
            await Visitor.SendAsync(HttpMethod.Post, Link, Form(signature), ("Origin", "https://evil.example.com")),
            await Visitor.SendAsync(HttpMethod.Post, Link, new StringContent("{}", System.Text.Encoding.UTF8, "application/json")),
        ];

        Assert.All(refused, answer => Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode));
        Assert.Empty(Rig.Api.Requests);
    }

    [Fact]
    public async Task Body_TooLarge_IsRefused()
    {
        using var large = new FormUrlEncodedContent([KeyValuePair.Create("signature", await Visitor.SignatureAsync(Link)), KeyValuePair.Create("x", new string('a', 40_000))]);
        using HttpResponseMessage answer = await Visitor.SendAsync(HttpMethod.Post, Link, large);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Empty(Rig.Api.Requests);
    }

    [Fact]
    public async Task Claim_Written_HasAHashAndNoPassword_AndIsMeantForThisVersion()
    {
        Rig.Api.Answer(HttpStatusCode.OK);
        using HttpResponseMessage claimed = await Visitor.ClaimAsync(Link);

        (string method, string path, string body) = Assert.Single(Rig.Api.Requests);
        Assert.Equal(("PATCH", "/apis/mailoperator.io/v1alpha1/namespaces/team/deviceinvitations/anna-phone/status?fieldManager=mail-operator"), (method, path));
        Assert.Contains("""{"op":"test","path":"/metadata/resourceVersion","value":"7"}""", body, StringComparison.Ordinal);
        Assert.Contains("""{"op":"test","path":"/metadata/uid","value":"uid-anna-phone"}""", body, StringComparison.Ordinal);
        Assert.Contains("\"hash\":\"$2y$04$", body, StringComparison.Ordinal);
        Assert.DoesNotContain("password", body, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Form_SentTwice_ClaimsOnce()
    {
        Rig.Api.Answer(HttpStatusCode.OK);
        string signature = await Visitor.SignatureAsync(Link);
        using HttpResponseMessage first = await Visitor.PostAsync(Link, ("signature", signature));
        using HttpResponseMessage again = await Visitor.PostAsync(Link, ("signature", signature)); // the watch has not told of the claim yet

        Assert.Equal((HttpStatusCode.SeeOther, HttpStatusCode.SeeOther), (first.StatusCode, again.StatusCode));
        Assert.Single(Rig.Api.Requests);
    }

    [Fact]
    public async Task ApiServer_ThatSaysNothing_LeavesThePasswordWithTheBrowser()
    {
        // The claim may have been written: without the cookie its password would be lost.
        using HttpResponseMessage claimed = await Visitor.ClaimAsync(Link);
        Assert.Equal(HttpStatusCode.SeeOther, claimed.StatusCode);
        Assert.Contains("Your password is being set up", await BodyAsync(await Visitor.GetAsync(Link)), StringComparison.Ordinal);

        Rig.Put(Invitation(Token, change: status => Claim(status, Visitor.Cookie("claim", Token)!.Split('.')[0], Is(ConditionTypes.Claimed, "True", Reasons.Claimed))));
        Assert.Contains("id=\"password\"", await BodyAsync(await Visitor.GetAsync(Link)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ApiServer_ThatTookNothing_LeavesTheLinkOpen_AndSaysSo()
    {
        using HttpResponseMessage claimed = await Visitor.ClaimAsync(Link);
        Rig.Clock.Advance(TimeSpan.FromMinutes(2));

        Assert.Contains("The link is still unused", await BodyAsync(await Visitor.GetAsync(Link)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Password_Shown_EndsAfterHalfAnHour_AlsoForAnOldCookie()
    {
        Rig.Api.Answer(HttpStatusCode.OK);
        using HttpResponseMessage claimed = await Visitor.ClaimAsync(Link);
        Rig.Put(Invitation(Token, change: status => Claim(status, Visitor.Cookie("claim", Token)!.Split('.')[0], Is(ConditionTypes.Claimed, "True", Reasons.Claimed))));

        using (HttpResponseMessage head = await Visitor.SendAsync(HttpMethod.Head, Link))
        {
            Assert.False(head.Headers.Contains("Set-Cookie")); // a look without a body is no show
        }

        using (HttpResponseMessage first = await Visitor.GetAsync(Link))
        {
            Assert.Contains("max-age=1800", string.Join('\n', first.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
        }

        Rig.Clock.Advance(TimeSpan.FromMinutes(29));
        using (HttpResponseMessage again = await Visitor.GetAsync(Link))
        {
            Assert.Equal(HttpStatusCode.OK, again.StatusCode);
            Assert.False(again.Headers.Contains("Set-Cookie")); // mutant: each reload starts the half hour anew
        }

        Rig.Clock.Advance(TimeSpan.FromMinutes(1));
        using HttpResponseMessage late = await Visitor.GetAsync(Link);
        Assert.Equal(HttpStatusCode.NotFound, late.StatusCode);
    }

    [Fact]
    public async Task TypedPassword_WhereNoneIsAskedFor_IsRefused()
    {
        using HttpResponseMessage answer = await Visitor.PostAsync(Link, ("signature", await Visitor.SignatureAsync(Link)), ("password", "0123456789abcdef"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty(Rig.Api.Requests);
    }

    [Fact]
    public async Task TypedPassword_ThatBreaksARule_IsNotSentBack()
    {
        Rig.Put(Invitation(Token, change: status => status.Offer!.Password.Chosen = ChosenPasswordPolicy.Allowed));
        using HttpResponseMessage answer = await Visitor.PostAsync(Link, ("signature", await Visitor.SignatureAsync(Link)), ("password", "tooshort-abc"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.DoesNotContain("tooshort-abc", await BodyAsync(answer), StringComparison.Ordinal);
        Assert.Empty(Rig.Api.Requests);
    }

    [Fact]
    public async Task Assets_AreKeptForGood()
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
        using HttpResponseMessage metrics = await Visitor.SendAsync(HttpMethod.Get, "/metrics", null, ("Host", "devices.example.com:1"));

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
        using HttpResponseMessage answer = await Visitor.SendAsync(HttpMethod.Get, path, null, host.Length == 0 ? [] : [("Host", host)]);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task Autodiscover_Asked_Answers()
    {
        using var question = new StringContent("<Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006\"><Request><EMailAddress>nobody@example.com</EMailAddress></Request></Autodiscover>");
        using HttpResponseMessage answer = await Visitor.SendAsync(HttpMethod.Post, "/Autodiscover/Autodiscover.xml", question);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("<LoginName>nobody@example.com</LoginName>", await BodyAsync(answer), StringComparison.Ordinal);
    }

    private static FormUrlEncodedContent Form(string signature) => new([KeyValuePair.Create("signature", signature)]);

    private static string Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(", ", values) : "";

    private static Task<string> BodyAsync(HttpResponseMessage answer) => answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    private static async Task<string> DescribeAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            answer.Headers.Remove("Date");
            return $"{answer.StatusCode}\n{answer.Headers}{answer.Content.Headers}\n{await BodyAsync(answer)}";
        }
    }
}
