using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.DeviceInvitations;
using MailOperator.Kubernetes;
using Microsoft.Playwright;

namespace MailOperator.IntegrationTests.Portal;

/// <summary>Operator, portal, mail server and browser together: from the invitation's YAML to reading mail.</summary>
public sealed class WholeWayTests : InvitationTest
{
    /// <summary>The operator probes an unavailable backend once a minute.</summary>
    private static readonly TimeSpan Back = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Person_Invited_ReadsAndSendsMailWithWhatThePageShows_UntilItIsWithdrawn()
    {
        await InviteAsync("page", "ada-page@example.com", "device: {displayName: Ada's laptop}");
        await using IBrowserContext browser = (await OpenAsync("page")).Context;
        IPage page = browser.Pages[0];
        await Assertions.Expect(page.Locator(".facts")).ToContainTextAsync("Ada's laptop");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create the password" }).ClickAsync();
        await PortalTest.HeadingAsync(page, "Your password is ready");
        string password = await PortalTest.ShownPasswordAsync(page);
        string username = await TextAsync(page, "IMAP-user");

        Assert.True(await MailLogin.ImapAsync(int.Parse(await TextAsync(page, "IMAP-port")), username, password));
        Assert.True(await MailLogin.SubmissionAsync(int.Parse(await TextAsync(page, "SMTP-port")), username, password));
        Assert.True(await MailLogin.Pop3Async(int.Parse(await TextAsync(page, "POP3-port")), username, password));
        Assert.Equal("127.0.0.1", await TextAsync(page, "IMAP-host"));
        JsonObject secret = (await Cluster.FindAsync(ResourceType.Secrets, Key("page")))!;
        Assert.DoesNotContain(
            Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(password)), secret.ToJsonString(),
            StringComparison.Ordinal);

        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("page"));
        await RefusedAsync("ada-page@example.com", password);
    }

    [Fact]
    public async Task Person_WithAPasswordOfTheirOwn_ReadsMailWithIt()
    {
        const string Own = "seven words that only ada has";
        await InviteAsync("own", "chosen-page@example.com", "chosenPassword: Allowed");
        await using IBrowserContext browser = (await OpenAsync("own")).Context;
        IPage page = browser.Pages[0];
        await page.GetByText("I would rather choose my own").ClickAsync();
        await page.GetByLabel("Your own password").FillAsync(Own);
        await page.GetByRole(AriaRole.Button, new() { Name = "Use this password" }).ClickAsync();
        await PortalTest.HeadingAsync(page, "Your password is ready");

        Assert.Equal(Own, await PortalTest.ShownPasswordAsync(page));
        Assert.True(await ImapAsync("chosen-page@example.com", Own));
    }

    [Fact]
    public async Task MailSystem_DownAndBack_KeepsTheClaimAndCompletesIt()
    {
        string folder = Directory.CreateDirectory(Path.Combine(Bed.Operator.Folder, "comes-and-goes")).FullName;
        await Cluster.CreateAsync(
            ApiGroup.MailBackends, "",
            TestBed.BackendYaml("comes-and-goes", $"{{path: {folder}/passwd}}", Bed.Dovecot));
        await InviteAsync("patient", "ada-patient@example.com", "backendRef: {name: comes-and-goes}");
        await using IBrowserContext browser = (await OpenAsync("patient")).Context;
        IPage page = browser.Pages[0];
        string link = page.Url;
        Directory.Move(folder, $"{folder}.away");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create the password" }).ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("does not answer at the moment");
        await page.CloseAsync();

        Directory.Move($"{folder}.away", folder);
        page = await browser.NewPageAsync();
        await page.GotoAsync(link);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
            .ToHaveTextAsync("Your password is ready", new() { Timeout = (float)Back.TotalMilliseconds });
        string password = await PortalTest.ShownPasswordAsync(page);

        JsonObject device = (await Cluster.FindAsync(ApiGroup.MailDevices, Key("patient")))!;
        string[] lines = [.. File.ReadAllLines($"{folder}/passwd")
            .Where(line => line.Contains((string)device["metadata"]!["uid"]!, StringComparison.Ordinal))];
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.Contains(password[..6], line, StringComparison.Ordinal));
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("patient"));
        await GoneAsync(ApiGroup.MailDevices, "patient");
        await Cluster.DeleteAsync(ApiGroup.DeviceInvitations, Key("patient"));
        await GoneAsync(ApiGroup.DeviceInvitations, "patient");
        await Cluster.DeleteAsync(ApiGroup.MailBackends, new ObjectKey("", "comes-and-goes"));
    }

    private static async Task<string> TextAsync(IPage page, string id) =>
        (await page.Locator($"#{id}").TextContentAsync())!;

    private async Task<IPage> OpenAsync(string name)
    {
        string link = (await LinkAsync(name)).ToString();
        IPage page = await (await PortalBed.GetAsync()).PersonAsync();
        await Eventually.TrueAsync("the link is known", async () => (await page.GotoAsync(link))!.Ok);
        return page;
    }
}
