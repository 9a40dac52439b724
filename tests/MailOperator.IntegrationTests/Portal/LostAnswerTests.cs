using System.Text.Json.Nodes;
using MailOperator.IntegrationTests.Bed;
using Microsoft.Playwright;

namespace MailOperator.IntegrationTests.Portal;

/// <summary>The network fails after the form is sent: the claim is written, but the browser gets no answer.</summary>
public sealed class LostAnswerTests : PortalTest
{
    private const string Own = "correct horse battery 1";

    [Fact]
    public async Task Password_WhoseAnswerWasLost_IsThereAfterAReload()
    {
        TestInvitation invitation = await InviteAsync();
        using var network = new BadNetwork(Bed.Portal.Address);
        IPage page = await OpenedAsync(network, invitation);
        await LoseAsync(network, page.GetByRole(AriaRole.Button, new() { Name = "Create the password" }));
        JsonNode claim = await invitation.WaitForClaimAsync();

        await page.GotoAsync(network.LinkOf(invitation.Token).ToString());
        await HeadingAsync(page, "Your password is being set up");
        await invitation.ClaimedAsync("True", "Claimed");
        await HeadingAsync(page, "Your password is ready");
        Assert.True(BCrypt.Net.BCrypt.Verify(await ShownPasswordAsync(page), (string)claim["hash"]!));

        IPage other = await PersonAsync();
        await OpenAsync(other, invitation, 404); // and nobody else gets it
    }

    [Fact]
    public async Task OwnPassword_WhoseAnswerWasLost_IsKnownAgain_AndNoOtherTakesItsPlace()
    {
        TestInvitation invitation = await InviteAsync(chosen: "Allowed");
        using var network = new BadNetwork(Bed.Portal.Address);
        IPage page = await OpenedAsync(network, invitation);
        IPage second = await AgainAsync(page, network, invitation), third = await AgainAsync(page, network, invitation);
        await LoseAsync(network, await TypedAsync(page, Own));
        JsonNode claim = await invitation.WaitForClaimAsync();

        await (await TypedAsync(second, "another of my own, please")).ClickAsync();
        await HeadingAsync(second, "There is a password already");
        await AppearanceTests.CheckAsync(second, axe: true, "9-taken");
        await second.GetByText("Open the link again").ClickAsync();
        await HeadingAsync(second, "Your password is being set up");
        await invitation.ClaimedAsync("True", "Claimed");
        await HeadingAsync(second, "Your password is ready");
        await Assertions.Expect(second.Locator(".note")).ToContainTextAsync("the password that you typed");
        await AppearanceTests.CheckAsync(second, axe: true, "9-typed");

        await (await TypedAsync(third, Own)).ClickAsync();
        await HeadingAsync(third, "Your password is ready");
        Assert.Equal(Own, await ShownPasswordAsync(third));
        Assert.True(BCrypt.Net.BCrypt.Verify(Own, (string)claim["hash"]!));
    }

    private async Task<IPage> OpenedAsync(BadNetwork network, TestInvitation invitation)
    {
        await OpenAsync(await PersonAsync(), invitation); // until the portal's watch has shown it
        // Axe is injected into the page.
        IPage page = await PersonAsync(change: static options => options.BypassCSP = true);
        await page.GotoAsync(network.LinkOf(invitation.Token).ToString());
        return page;
    }

    /// <summary>Opens the page again in the same browser.</summary>
    private static async Task<IPage> AgainAsync(IPage page, BadNetwork network, TestInvitation invitation)
    {
        IPage again = await page.Context.NewPageAsync();
        await again.GotoAsync(network.LinkOf(invitation.Token).ToString());
        return again;
    }

    private static async Task<ILocator> TypedAsync(IPage page, string own)
    {
        await page.GetByText("I would rather choose my own").ClickAsync();
        await page.GetByLabel("Your own password").FillAsync(own);
        return page.GetByRole(AriaRole.Button, new() { Name = "Use this password" });
    }

    /// <summary>Sends the form and loses its answer, including the browser's own retries.</summary>
    private static async Task LoseAsync(BadNetwork network, ILocator button)
    {
        network.LosesAnswers = true;
        await button.ClickAsync();
        await Eventually.TrueAsync(
            "the browser says that it got no answer",
            () => Task.FromResult(button.Page.Url.StartsWith("chrome-error:", StringComparison.Ordinal)));
        network.LosesAnswers = false;
        Assert.InRange(network.Lost, 1, int.MaxValue);
    }
}
