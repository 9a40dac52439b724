using System.Net;
using System.Text.Json;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.UnitTests.Kubernetes;
using static MailOperator.UnitTests.Portal.Links;

namespace MailOperator.UnitTests.Portal;

/// <summary>
/// The form arrived, but its answer was lost. The same browser still gets its password, and nobody else does.
/// </summary>
public sealed class LostAnswerTests : PortalHttpTest
{
    private const string Own = "correct horse battery 1";

    private string? _signature;

    private protected override DeviceInvitation Invited => Open();

    [Fact]
    public async Task Reload_InTheSameBrowser_WaitsAndThenShowsThePassword()
    {
        InvitationClaim claim = await LoseAsync();
        Show(claim);
        using (HttpResponseMessage head = await Visitor.SendAsync(HttpMethod.Head, Link))
        {
            Assert.False(head.Headers.Contains("Set-Cookie")); // a HEAD request sets no cookie
        }

        Assert.Contains("Your password is being set up", await OpenedAsync(), StringComparison.Ordinal);
        Assert.NotNull(Visitor.Cookie("claim", Token)); // or it would be lost after half an hour of waiting

        Show(claim, Is(ConditionTypes.Claimed, "True", Reasons.Claimed));
        await AssertShownAsync(claim);
    }

    [Fact]
    public async Task Reload_OnceAccepted_ShowsThePassword()
    {
        InvitationClaim claim = await LoseAsync();
        Show(claim, Is(ConditionTypes.Claimed, "True", Reasons.Claimed));

        await AssertShownAsync(claim);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // another replica, whose watch has not shown the claim yet
    public async Task Form_SentAgain_IsTheSameClaim(bool isSeen)
    {
        InvitationClaim claim = await LoseAsync();
        if (isSeen)
        {
            Show(claim);
        }
        else
        {
            Rig.Api.Answer(HttpStatusCode.Conflict, FakeApi.Status(409, "Conflict"))
                .Answer(HttpStatusCode.OK, Json(Claimed(claim)));
        }

        using HttpResponseMessage again = await Visitor.PostAsync(Link, ("signature", await SignatureAsync()));
        Assert.Equal(HttpStatusCode.SeeOther, again.StatusCode);
        Show(claim, Is(ConditionTypes.Claimed, "True", Reasons.Claimed));
        await AssertShownAsync(claim);
    }

    [Fact]
    public async Task AnotherBrowser_SeesASpentLink()
    {
        string signature = await SignatureAsync();
        InvitationClaim claim = await LoseAsync();
        Show(claim, Is(ConditionTypes.Claimed, "True", Reasons.Claimed));
        using PortalRig.Visitor without = Rig.NewVisitor(), other = Rig.NewVisitor();
        other.Set("nonce", Token, NewText()); // well-formed, but nobody's

        foreach (PortalRig.Visitor visitor in (PortalRig.Visitor[])[without, other])
        {
            using HttpResponseMessage opened = await visitor.GetAsync(Link), sent = await visitor.PostAsync(
                Link, ("signature", signature));
            Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (opened.StatusCode, sent.StatusCode));
            Assert.False(opened.Headers.Contains("Set-Cookie") || sent.Headers.Contains("Set-Cookie"));
        }
    }

    [Theory]
    [InlineData(29, HttpStatusCode.OK)]
    [InlineData(30, HttpStatusCode.NotFound)]
    public async Task Reload_LongAfter_IsTooLate(int minutes, HttpStatusCode expected)
    {
        InvitationClaim claim = await LoseAsync();
        Show(claim, Is(ConditionTypes.Claimed, "True", Reasons.Claimed));
        Rig.Clock.Advance(TimeSpan.FromMinutes(minutes));

        using HttpResponseMessage late = await Visitor.GetAsync(Link);
        Assert.Equal(expected, late.StatusCode);
    }

    [Fact]
    public async Task Password_AfterDone_IsNotRecovered()
    {
        InvitationClaim claim = await LoseAsync();
        Show(claim, Is(ConditionTypes.Claimed, "True", Reasons.Claimed));
        using HttpResponseMessage done = await Visitor.PostAsync($"{Link}/done", ("signature", await SignatureAsync()));
        Assert.Equal(HttpStatusCode.OK, done.StatusCode);

        Assert.Empty(Visitor.Cookies); // mutant: the nonce stays, and with it the password comes back
        using HttpResponseMessage after = await Visitor.GetAsync(Link);
        Assert.Equal(HttpStatusCode.NotFound, after.StatusCode);
    }

    /// <summary>Kills: the nonce that stays with the first look, so that the browser gets the password anew.</summary>
    [Fact]
    public async Task Password_AfterTheFirstLook_IsNotRecovered()
    {
        InvitationClaim claim = await LoseAsync();
        Show(claim, Is(ConditionTypes.Claimed, "True", Reasons.Claimed));
        await AssertShownAsync(claim);
        Assert.Contains("Your password is ready", await OpenedAsync(), StringComparison.Ordinal); // with its cookie

        Visitor.Lose("claim", Token);

        using HttpResponseMessage after = await Visitor.GetAsync(Link);
        Assert.Equal(HttpStatusCode.NotFound, after.StatusCode);
    }

    /// <summary>Kills: a file with the password that is not a look at it.</summary>
    [Fact]
    public async Task Profile_DownloadedFirst_IsTheFirstLook()
    {
        InvitationClaim claim = await LoseAsync();
        Show(claim, Is(ConditionTypes.Claimed, "True", Reasons.Claimed));
        using HttpResponseMessage profile = await Visitor.GetAsync($"{Link}/mail.mobileconfig");
        Assert.Equal(HttpStatusCode.OK, profile.StatusCode);
        Rig.Clock.Advance(TimeSpan.FromMinutes(30));

        using HttpResponseMessage after = await Visitor.GetAsync(Link);
        Assert.Equal(HttpStatusCode.NotFound, after.StatusCode);
    }

    /// <summary>Kills: a form of an older page that is answered with "the link is not used up".</summary>
    [Fact]
    public async Task Form_OfAnOlderPageAfterTheFirstLook_LeadsToThePassword()
    {
        InvitationClaim claim = await LoseAsync();
        Show(claim, Is(ConditionTypes.Claimed, "True", Reasons.Claimed));
        await AssertShownAsync(claim);

        using HttpResponseMessage again = await Visitor.PostAsync(Link, ("signature", await SignatureAsync()));

        Assert.Equal(HttpStatusCode.SeeOther, again.StatusCode);
        Assert.StartsWith(Link, again.Headers.Location!.ToString(), StringComparison.Ordinal);
        await AssertShownAsync(claim);
    }

    [Fact]
    public async Task OwnPassword_SentAgain_IsTheSameClaim()
    {
        InvitationClaim claim = await LoseAsync(Own);
        Show(claim, Is(ConditionTypes.Claimed, "True", Reasons.Claimed));
        using HttpResponseMessage again = await Visitor.PostAsync(
            Link, ("signature", await SignatureAsync()), ("password", Own));

        Assert.Equal(HttpStatusCode.SeeOther, again.StatusCode);
        await AssertShownAsync(claim);
    }

    [Fact]
    public async Task OwnPassword_Reloaded_IsDescribedAsTheTypedOne()
    {
        InvitationClaim claim = await LoseAsync(Own);
        Show(claim);
        Assert.Contains("Your password is being set up", await OpenedAsync(), StringComparison.Ordinal);
        Show(claim, Is(ConditionTypes.Claimed, "True", Reasons.Claimed));
        string page = await OpenedAsync();

        Assert.Contains("the password that you typed when you first sent the form", page, StringComparison.Ordinal);
        Assert.Contains("id=\"IMAP-host\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"password\"", page, StringComparison.Ordinal);
        using HttpResponseMessage profile = await Visitor.GetAsync($"{Link}/mail.mobileconfig");
        Assert.DoesNotContain("<key>IncomingPassword<", await BodyAsync(profile), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Own, "another of my own, please", true)]
    [InlineData(Own, "another of my own, please", false)]
    [InlineData(Own, null, true)]
    [InlineData(null, Own, true)]
    [InlineData(null, "short", true)]
    public async Task AnotherPassword_SentAfterwards_IsRefusedWithAMessage(string? first, string? second, bool isSeen)
    {
        InvitationClaim claim = await LoseAsync(first);
        if (isSeen)
        {
            Show(claim);
        }
        else
        {
            Rig.Api.Answer(HttpStatusCode.Conflict, FakeApi.Status(409, "Conflict"))
                .Answer(HttpStatusCode.OK, Json(Claimed(claim)));
        }

        using HttpResponseMessage answer = await SendAsync(second);

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains(
            "The password from then is the one that counts", await BodyAsync(answer), StringComparison.Ordinal);
        // The first claim; without its watch event also a second claim, which conflicts, and a read.
        Assert.Equal(isSeen ? 1 : 3, Rig.Api.Requests.Count);
    }

    /// <summary>Claims, and loses the answer.</summary>
    private async Task<InvitationClaim> LoseAsync(string? own = null)
    {
        Rig.Api.Answer(HttpStatusCode.OK);
        using HttpResponseMessage claimed = await SendAsync(own);
        Assert.Equal(HttpStatusCode.SeeOther, claimed.StatusCode);
        Visitor.Lose("claim", Token);
        using var patch = JsonDocument.Parse(Rig.Api.Requests[^1].Body);
        return ApiJson.Deserialize<InvitationClaim>(patch.RootElement.EnumerateArray()
            .Single(change => change.GetProperty("path").GetString() == "/status/claim")
            .GetProperty("value"))!;
    }

    private async Task<HttpResponseMessage> SendAsync(string? own)
    {
        string signature = await SignatureAsync();
        return own is null
            ? await Visitor.PostAsync(Link, ("signature", signature))
            : await Visitor.PostAsync(Link, ("signature", signature), ("password", own));
    }

    /// <summary>The signature of the page that was opened before the claim.</summary>
    private async Task<string> SignatureAsync() => _signature ??= await Visitor.SignatureAsync(Link);

    private DeviceInvitation Open() =>
        Invitation(Token, change: status => status.Offer!.Password.Chosen = ChosenPasswordPolicy.Allowed);

    private DeviceInvitation Claimed(InvitationClaim claim, params Condition[] conditions)
    {
        DeviceInvitation invitation = Open();
        invitation.Status!.Claim = claim;
        invitation.Status.Conditions = conditions.Length > 0 ? conditions : invitation.Status.Conditions;
        return invitation;
    }

    /// <summary>Shows the claim as the watch does.</summary>
    private void Show(InvitationClaim claim, params Condition[] conditions) => Rig.Put(Claimed(claim, conditions));

    private async Task<string> OpenedAsync()
    {
        using HttpResponseMessage page = await Visitor.GetAsync(Link);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        return await BodyAsync(page);
    }

    /// <summary>The password on the page is the one whose hash is claimed.</summary>
    private async Task AssertShownAsync(InvitationClaim claim)
    {
        string markup = (await OpenedAsync()).Split("id=\"password\" translate=\"no\">")[1].Split("</p>")[0];
        Assert.True(
            BCrypt.Net.BCrypt.Verify(System.Text.RegularExpressions.Regex.Replace(markup, "<[^>]*>", ""), claim.Hash));
    }

    private static string Json(DeviceInvitation invitation) =>
        System.Text.Encoding.UTF8.GetString(ApiJson.Serialize(invitation));
}
