using System.Net;
using MailOperator.Api;
using static MailOperator.UnitTests.Portal.Links;

namespace MailOperator.UnitTests.Portal;

/// <summary>The form that claims: which forms are accepted, and what is written to the cluster.</summary>
public sealed class PortalClaimTests : PortalHttpTest
{
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
            await stranger.PostAsync(Link, ("signature", signature)), // the signature of another browser
            await Visitor.SendAsync(HttpMethod.Post, Link, Form(signature), ("Sec-Fetch-Site", "cross-site")),
            await Visitor.SendAsync(HttpMethod.Post, Link, Form(signature), ("Origin", "https://evil.example.com")),
            await Visitor.SendAsync(
                HttpMethod.Post, Link, new StringContent("{}", System.Text.Encoding.UTF8, "application/json")),
        ];

        Assert.All(refused, answer => Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode));
        Assert.Empty(Rig.Api.Requests);
    }

    [Fact]
    public async Task Body_TooLarge_IsRefused()
    {
        using var large = new FormUrlEncodedContent(
            [
                KeyValuePair.Create("signature", await Visitor.SignatureAsync(Link)),
                KeyValuePair.Create("x", new string('a', 40_000)),
            ]);
        using HttpResponseMessage answer = await Visitor.SendAsync(HttpMethod.Post, Link, large);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Empty(Rig.Api.Requests);
    }

    [Fact]
    public async Task Claim_Written_HasAHashAndNoPassword_AndTestsTheVersion()
    {
        Rig.Api.Answer(HttpStatusCode.OK);
        using HttpResponseMessage claimed = await Visitor.ClaimAsync(Link);

        (string method, string path, string body) = Assert.Single(Rig.Api.Requests);
        Assert.Equal("PATCH", method);
        Assert.Equal(
            "/apis/mailoperator.io/v1alpha1/namespaces/team/deviceinvitations/anna-phone/status"
            + "?fieldManager=mail-operator",
            path);
        Assert.Contains(
            """{"op":"test","path":"/metadata/resourceVersion","value":"7"}""", body, StringComparison.Ordinal);
        Assert.Contains(
            """{"op":"test","path":"/metadata/uid","value":"uid-anna-phone"}""", body, StringComparison.Ordinal);
        Assert.Contains("\"hash\":\"$2y$04$", body, StringComparison.Ordinal);
        Assert.DoesNotContain("password", body, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Form_SentTwice_ClaimsOnce()
    {
        Rig.Api.Answer(HttpStatusCode.OK);
        string signature = await Visitor.SignatureAsync(Link);
        using HttpResponseMessage first = await Visitor.PostAsync(Link, ("signature", signature));
        // The watch has not shown the claim yet.
        using HttpResponseMessage again = await Visitor.PostAsync(Link, ("signature", signature));

        Assert.Equal((HttpStatusCode.SeeOther, HttpStatusCode.SeeOther), (first.StatusCode, again.StatusCode));
        Assert.Single(Rig.Api.Requests);
    }

    [Fact]
    public async Task ApiServer_WithoutAnAnswer_LeavesThePasswordWithTheBrowser()
    {
        // The claim may have been written: without the cookie its password would be lost.
        using HttpResponseMessage claimed = await Visitor.ClaimAsync(Link);
        Assert.Equal(HttpStatusCode.SeeOther, claimed.StatusCode);
        Assert.Contains(
            "Your password is being set up", await BodyAsync(await Visitor.GetAsync(Link)), StringComparison.Ordinal);

        Rig.Put(Invitation(Token, change: status => Claim(
            status, Visitor.Cookie("claim", Token)!.Split('.')[0],
            Is(ConditionTypes.Claimed, "True", Reasons.Claimed))));
        Assert.Contains("id=\"password\"", await BodyAsync(await Visitor.GetAsync(Link)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ApiServer_ThatDidNotWrite_LeavesTheLinkOpen_AndThePageSaysSo()
    {
        using HttpResponseMessage claimed = await Visitor.ClaimAsync(Link);
        Rig.Clock.Advance(TimeSpan.FromMinutes(2));

        Assert.Contains(
            "The link is still unused", await BodyAsync(await Visitor.GetAsync(Link)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Password_Shown_EndsAfterHalfAnHour_AlsoForAnOldCookie()
    {
        Rig.Api.Answer(HttpStatusCode.OK);
        using HttpResponseMessage claimed = await Visitor.ClaimAsync(Link);
        Rig.Put(Invitation(Token, change: status => Claim(
            status, Visitor.Cookie("claim", Token)!.Split('.')[0],
            Is(ConditionTypes.Claimed, "True", Reasons.Claimed))));

        using (HttpResponseMessage head = await Visitor.SendAsync(HttpMethod.Head, Link))
        {
            Assert.False(head.Headers.Contains("Set-Cookie")); // a HEAD request does not count as shown
        }

        using (HttpResponseMessage first = await Visitor.GetAsync(Link))
        {
            Assert.Contains(
                "max-age=1800", string.Join('\n', first.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
        }

        Rig.Clock.Advance(TimeSpan.FromMinutes(29));
        using (HttpResponseMessage again = await Visitor.GetAsync(Link))
        {
            Assert.Equal(HttpStatusCode.OK, again.StatusCode);
            Assert.False(again.Headers.Contains("Set-Cookie")); // mutant: each reload restarts the half hour
        }

        Rig.Clock.Advance(TimeSpan.FromMinutes(1));
        using HttpResponseMessage late = await Visitor.GetAsync(Link);
        Assert.Equal(HttpStatusCode.NotFound, late.StatusCode);
    }

    [Fact]
    public async Task TypedPassword_NotAllowed_IsRefused()
    {
        using HttpResponseMessage answer = await Visitor.PostAsync(
            Link, ("signature", await Visitor.SignatureAsync(Link)), ("password", "0123456789abcdef"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty(Rig.Api.Requests);
    }

    [Fact]
    public async Task TypedPassword_ThatBreaksARule_IsNotSentBack()
    {
        Rig.Put(Invitation(Token, change: status => status.Offer!.Password.Chosen = ChosenPasswordPolicy.Allowed));
        using HttpResponseMessage answer = await Visitor.PostAsync(
            Link, ("signature", await Visitor.SignatureAsync(Link)), ("password", "tooshort-abc"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.DoesNotContain("tooshort-abc", await BodyAsync(answer), StringComparison.Ordinal);
        Assert.Empty(Rig.Api.Requests);
    }

    private static FormUrlEncodedContent Form(string signature) => new([KeyValuePair.Create("signature", signature)]);
}
