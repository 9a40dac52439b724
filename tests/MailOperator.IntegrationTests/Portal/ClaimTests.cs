using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace MailOperator.IntegrationTests.Portal;

/// <summary>A person and their browser: from the link to the password.</summary>
public sealed class ClaimTests : PortalTest
{
    [Fact]
    public async Task Link_Claimed_ShowsAPasswordWhoseHashIsTheClaims()
    {
        TestInvitation invitation = await InviteAsync();
        IPage page = await PersonAsync();
        await OpenAsync(page, invitation);
        await HeadingAsync(page, "A password for your device");
        await Assertions.Expect(page.Locator(".facts")).ToContainTextAsync("anna@example.com");
        await Assertions.Expect(page.Locator(".facts")).ToContainTextAsync("Anna's phone");
        await Assertions.Expect(page.Locator(".note")).ToContainTextAsync("cannot be shown again");

        await page.GetByRole(AriaRole.Button, new() { Name = "Create the password" }).ClickAsync();
        await HeadingAsync(page, "Your password is being set up");
        JsonNode claim = await invitation.WaitForClaimAsync();
        await invitation.ClaimedAsync("True", "Claimed");
        await HeadingAsync(page, "Your password is ready");
        await Assertions.Expect(page.Locator("#password")).ToBeHiddenAsync(); // until the person shows it
        string password = await ShownPasswordAsync(page);

        Assert.Matches(GeneratedPassword(), password);
        Assert.Equal(password[..6], (string)claim["selector"]!);
        Assert.False((bool)claim["isChosen"]!);
        Assert.True(BCrypt.Net.BCrypt.Verify(password, (string)claim["hash"]!));
        IReadOnlyList<BrowserContextCookiesResult> cookies = await page.Context.CookiesAsync();
        Assert.Equal(2, cookies.Count);
        string told = await PortalBed.TellsAsync();
        Assert.All(
            (string[])[password, invitation.Token, "anna@example.com", .. cookies.Select(cookie => cookie.Value)],
            secret =>
                Assert.DoesNotContain(secret, told, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Password_Copied_IsOnTheClipboard_AndSoAreTheSettings()
    {
        IPage page = await ReadyAsync(await InviteAsync(), await PersonAsync());
        string password = await ShownPasswordAsync(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "Copy (Password)" }).ClickAsync();
        Assert.Equal(password, await page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        await Assertions.Expect(page.Locator("#live")).ToHaveTextAsync("Copied");
        await page.Locator("button[data-copy=SMTP-host]").ClickAsync();
        Assert.Equal("submission.example.com", await page.EvaluateAsync<string>("navigator.clipboard.readText()"));
    }

    [Fact]
    public async Task Password_Reloaded_IsShownStill_UntilThePersonIsDone()
    {
        TestInvitation invitation = await InviteAsync();
        IPage page = await ReadyAsync(invitation, await PersonAsync());
        string password = await ShownPasswordAsync(page);
        await page.ReloadAsync();
        Assert.Equal(password, await ShownPasswordAsync(page));

        await page.GetByRole(AriaRole.Button, new() { Name = "I have saved it" }).ClickAsync();
        await HeadingAsync(page, "All done");
        Assert.DoesNotContain(password, await page.ContentAsync(), StringComparison.Ordinal);
        await OpenAsync(page, invitation, 404);
        await HeadingAsync(page, "This link cannot be used");
    }

    [Fact]
    public async Task Link_SpentByAnotherBrowser_IsNoUse()
    {
        TestInvitation invitation = await InviteAsync();
        IPage first = await ReadyAsync(invitation, await PersonAsync());
        IPage second = await PersonAsync();
        await OpenAsync(second, invitation, 404);

        await HeadingAsync(second, "This link cannot be used");
        Assert.DoesNotContain(await ShownPasswordAsync(first), await second.ContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Link_Expired_IsNoUse()
    {
        TestInvitation invitation = await InviteAsync(expiresAt: TimeProvider.System.GetUtcNow().AddSeconds(-5));
        IPage page = await PersonAsync();
        await OpenAsync(page, invitation, 404);

        await HeadingAsync(page, "This link cannot be used");
    }

    [Fact]
    public async Task Link_OfADeletedInvitation_IsNoUse()
    {
        TestInvitation invitation = await InviteAsync();
        IPage page = await PersonAsync();
        await OpenAsync(page, invitation);
        await invitation.DeleteAsync();

        await OpenAsync(page, invitation, 404);
    }

    [Fact]
    public async Task TwoPeople_AtOnce_OneGetsIt()
    {
        TestInvitation invitation = await InviteAsync();
        IPage[] people = [await PersonAsync(), await PersonAsync()];
        foreach (IPage person in people)
        {
            await OpenAsync(person, invitation);
        }

        await Task.WhenAll(people.Select(
            person => person.GetByRole(AriaRole.Button, new() { Name = "Create the password" }).ClickAsync()));
        await invitation.WaitForClaimAsync();
        await invitation.ClaimedAsync("True", "Claimed");
        foreach (IPage person in people)
        {
            await Assertions.Expect(person.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(
                new System.Text.RegularExpressions.Regex("Your password is ready|This link cannot be used"));
        }

        string[] headings = await Task.WhenAll(people.Select(person => person.Locator("h1").InnerTextAsync()));
        Assert.Equal(["This link cannot be used", "Your password is ready"], headings.Order(StringComparer.Ordinal));
        IPage winner = people[Array.IndexOf(headings, "Your password is ready")];
        Assert.True(BCrypt.Net.BCrypt.Verify(
            await ShownPasswordAsync(winner), (string)(await invitation.ClaimAsync())!["hash"]!));
    }

    [Fact]
    public async Task OwnPassword_RulesAreToldBeforeTheMistake_AndKept()
    {
        TestInvitation invitation = await InviteAsync(chosen: "Allowed");
        IPage page = await PersonAsync();
        await OpenAsync(page, invitation);
        await page.GetByText("I would rather choose my own").ClickAsync();
        await Assertions.Expect(page.GetByText("16 to 72 characters")).ToBeVisibleAsync();

        ILocator field = page.GetByLabel("Your own password");
        await field.FillAsync("größer als sechzehn");
        await Assertions.Expect(page.Locator("[data-rule=characters]")).Not.ToHaveClassAsync("met");
        await page.GetByRole(AriaRole.Button, new() { Name = "Use this password" }).ClickAsync();
        await Assertions.Expect(page.Locator("#wrong")).ToContainTextAsync("an accent");
        Assert.Equal("", await page.GetByLabel("Your own password").InputValueAsync()); // never sent back
        Assert.Null(await invitation.ClaimAsync()); // and the link is not used up

        const string Own = "correct horse battery 1";
        await page.GetByLabel("Your own password").FillAsync(Own);
        Assert.Equal(6, await page.Locator(".rules .met").CountAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Use this password" }).ClickAsync();
        JsonNode claim = await invitation.WaitForClaimAsync();
        await invitation.ClaimedAsync("True", "Claimed");
        await HeadingAsync(page, "Your password is ready");

        Assert.Equal(Own, await ShownPasswordAsync(page));
        Assert.True((bool)claim["isChosen"]!);
        Assert.True(BCrypt.Net.BCrypt.Verify(Own, (string)claim["hash"]!));
        Assert.NotEqual(Own[..6], (string)claim["selector"]!);
    }

    [Fact]
    public async Task MailServer_Away_IsSaid_AndTheClaimCompletesInTheSameBrowser()
    {
        TestInvitation invitation = await InviteAsync();
        IPage page = await PersonAsync();
        await OpenAsync(page, invitation);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create the password" }).ClickAsync();
        await invitation.WaitForClaimAsync();
        await invitation.ClaimedAsync("False", "BackendUnavailable");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("does not answer at the moment");

        // The page is closed and opened again in the same browser, after a restart of the portal.
        await page.CloseAsync();
        await Bed.Portal.StopAsync();
        await Bed.Portal.StartAsync();
        page = await page.Context.NewPageAsync();
        await OpenAsync(page, invitation);
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("does not answer at the moment");
        await invitation.ClaimedAsync("True", "Claimed");
        await HeadingAsync(page, "Your password is ready");

        Assert.True(BCrypt.Net.BCrypt.Verify(
            await ShownPasswordAsync(page), (string)(await invitation.ClaimAsync())!["hash"]!));
    }

    [Fact]
    public async Task Scripts_Off_EverythingWorks()
    {
        TestInvitation invitation = await InviteAsync();
        IPage page = await PersonAsync(scripts: false);
        await OpenAsync(page, invitation);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create the password" }).ClickAsync();
        await HeadingAsync(page, "Your password is being set up");
        await invitation.WaitForClaimAsync();
        await invitation.ClaimedAsync("True", "Claimed");
        await HeadingAsync(page, "Your password is ready"); // the page polls
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Copy (Password)" })).ToBeHiddenAsync();

        Assert.Matches(GeneratedPassword(), await ShownPasswordAsync(page));
        Assert.Contains("imap.example.com", await page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Profile_Downloaded_IsAPropertyListWithTheSettings()
    {
        IPage page = await ReadyAsync(await InviteAsync(), await PersonAsync());
        string password = await ShownPasswordAsync(page);
        await page.GetByText("iPhone, iPad and Mac").ClickAsync();
        IDownload download = await page.RunAndWaitForDownloadAsync(
            () => page.GetByText("Download the profile", new() { Exact = true }).ClickAsync());
        string profile = await File.ReadAllTextAsync(await download.PathAsync(), TestContext.Current.CancellationToken);

        Assert.Equal("mail.mobileconfig", download.SuggestedFilename);
        Assert.Contains(
            $"<key>IncomingPassword</key>\n        <string>{password}</string>", profile, StringComparison.Ordinal);
        Assert.Contains("<string>imap.example.com</string>", profile, StringComparison.Ordinal);
    }

    /// <summary>Goes all the way to the password.</summary>
    private async Task<IPage> ReadyAsync(TestInvitation invitation, IPage page)
    {
        await OpenAsync(page, invitation);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create the password" }).ClickAsync();
        await invitation.WaitForClaimAsync();
        await invitation.ClaimedAsync("True", "Claimed");
        await HeadingAsync(page, "Your password is ready");
        return page;
    }
}
