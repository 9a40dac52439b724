using Microsoft.Playwright;

namespace MailOperator.IntegrationTests.Portal;

/// <summary>"Cannot be shown again later" holds in the browser that the password was shown in.</summary>
public sealed class ForgettingTests : PortalTest
{
    /// <summary>Kills: the nonce that stays, and with it the password of a browser without the other cookie.</summary>
    [Fact]
    public async Task Cookies_AfterTheFirstLook_GiveThePasswordNotOnceMore()
    {
        (TestInvitation invitation, IPage page) = await ReadyAsync();
        await page.ReloadAsync();
        await HeadingAsync(page, "Your password is ready"); // with its cookie it is shown for half an hour

        await page.Context.ClearCookiesAsync(new() { NameRegex = new("claim-") });

        Assert.Contains(await page.Context.CookiesAsync(), static one => one.Name.Contains("nonce-"));
        await OpenAsync(page, invitation, 404);
        await HeadingAsync(page, "This link cannot be used");
    }

    /// <summary>Kills: a page that stays open and shows the password for as long as it does.</summary>
    [Fact]
    public async Task Page_LeftOpen_ForgetsThePasswordAtItsEnd()
    {
        (_, IPage page) = await ReadyAsync(static page => page.Clock.InstallAsync());
        await ShownPasswordAsync(page);
        await page.Clock.FastForwardAsync("29:00");
        await Assertions.Expect(page.Locator("#password")).ToBeVisibleAsync();

        await page.Context.ClearCookiesAsync(); // the browser's end of the cookie, which has another clock
        await page.Clock.FastForwardAsync("01:01");

        await HeadingAsync(page, "This link cannot be used");
        await Assertions.Expect(page.Locator("#password")).ToHaveCountAsync(0);
    }

    /// <summary>Kills: a page that goes back to the password after "I have saved it".</summary>
    [Fact]
    public async Task Done_AndBack_ShowsNoPassword()
    {
        (_, IPage page) = await ReadyAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "I have saved it" }).ClickAsync();
        await HeadingAsync(page, "All done");
        Assert.Empty(await page.Context.CookiesAsync());

        await page.GoBackAsync();

        await HeadingAsync(page, "This link cannot be used");
    }

    private async Task<(TestInvitation Invitation, IPage Page)> ReadyAsync(Func<IPage, Task>? prepare = null)
    {
        TestInvitation invitation = await InviteAsync();
        IPage page = await PersonAsync();
        await (prepare?.Invoke(page) ?? Task.CompletedTask);
        await OpenAsync(page, invitation);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create the password" }).ClickAsync();
        await invitation.WaitForClaimAsync();
        await invitation.ClaimedAsync("True", "Claimed");
        await page.ReloadAsync();
        await HeadingAsync(page, "Your password is ready");
        return (invitation, page);
    }
}
