using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace MailOperator.IntegrationTests.Portal;

/// <summary>The network goes while the form is on its way: the claim is written, and the browser never hears of it.</summary>
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
    public async Task OwnPassword_WhoseAnswerWasLost_IsTakenWhenItIsSentAgain()
    {
        TestInvitation invitation = await InviteAsync(chosen: "Allowed");
        using var network = new BadNetwork(Bed.Portal.Address);
        IPage page = await OpenedAsync(network, invitation);
        IPage another = await page.Context.NewPageAsync(); // the same form, opened twice
        await another.GotoAsync(network.LinkOf(invitation.Token).ToString());
        await LoseAsync(network, await TypedAsync(page, Own));
        JsonNode claim = await invitation.WaitForClaimAsync();

        await (await TypedAsync(another, Own)).ClickAsync();
        await HeadingAsync(another, "Your password is being set up");
        await invitation.ClaimedAsync("True", "Claimed");
        await HeadingAsync(another, "Your password is ready");
        Assert.Equal(Own, await ShownPasswordAsync(another));
        Assert.True(BCrypt.Net.BCrypt.Verify(Own, (string)claim["hash"]!));
    }

    private async Task<IPage> OpenedAsync(BadNetwork network, TestInvitation invitation)
    {
        await OpenAsync(await PersonAsync(), invitation); // the portal knows of it now
        IPage page = await PersonAsync();
        await page.GotoAsync(network.LinkOf(invitation.Token).ToString());
        return page;
    }

    private static async Task<ILocator> TypedAsync(IPage page, string own)
    {
        await page.GetByText("I would rather choose my own").ClickAsync();
        await page.GetByLabel("Your own password").FillAsync(own);
        return page.GetByRole(AriaRole.Button, new() { Name = "Use this password" });
    }

    /// <summary>Sends the form and loses its answer, and those to whatever the browser tries by itself.</summary>
    private static async Task LoseAsync(BadNetwork network, ILocator button)
    {
        network.LosesAnswers = true;
        var failed = new TaskCompletionSource();
        button.Page.RequestFailed += (_, request) =>
        {
            if (request.Method == "POST")
            {
                failed.TrySetResult();
            }
        };
        await button.ClickAsync();
        await failed.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        network.LosesAnswers = false;
        Assert.InRange(network.Lost, 1, int.MaxValue);
    }
}
