using System.Text.RegularExpressions;
using MailOperator.IntegrationTests.Bed;
using Microsoft.Playwright;

namespace MailOperator.IntegrationTests.Portal;

/// <summary>A test of the portal in a browser, in a namespace of its own. It runs without an operator.</summary>
[Collection("portal")]
public abstract partial class PortalTest : IAsyncLifetime
{
    private readonly List<IBrowserContext> _contexts = [];
    private PortalBed? _bed;
    private string? _namespace;

    internal PortalBed Bed => _bed!;

    internal string Namespace => _namespace!;

    public async ValueTask InitializeAsync()
    {
        _bed = await PortalBed.GetAsync();
        _namespace = await Bed.Cluster.NewNamespaceAsync("portal");
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (IBrowserContext context in _contexts)
        {
            await context.DisposeAsync();
        }

        await Bed.Cluster.DeleteAsync(Kubernetes.ResourceType.Namespaces, new Kubernetes.ObjectKey("", Namespace));
    }

    /// <summary>A new browser without cookies.</summary>
    internal async Task<IPage> PersonAsync(
        string language = "en",
        bool scripts = true,
        bool dark = false,
        bool phone = false,
        Action<BrowserNewContextOptions>? change = null)
    {
        IPage page = await Bed.PersonAsync(language, scripts, dark, phone, change);
        _contexts.Add(page.Context);
        return page;
    }

    internal Task<TestInvitation> InviteAsync(string chosen = "Denied", DateTimeOffset? expiresAt = null) =>
        TestInvitation.CreateAsync(Bed.Cluster, Namespace, "anna-phone", chosen, expiresAt);

    /// <summary>Opens a link, and retries while the portal's watch has not shown the invitation yet.</summary>
    internal async Task OpenAsync(IPage page, TestInvitation invitation, int status = 200)
    {
        await Eventually.TrueAsync($"the link answers {status}", async () =>
            (await page.GotoAsync(Bed.Portal.LinkOf(invitation.Token).ToString()))!.Status == status);
    }

    /// <summary>Shows the password on the page and returns it.</summary>
    internal static async Task<string> ShownPasswordAsync(IPage page)
    {
        ILocator shown = page.Locator("#password");
        if (!await shown.IsVisibleAsync())
        {
            await page.Locator(".reveal summary").ClickAsync();
        }

        await Assertions.Expect(shown).ToBeVisibleAsync();
        return PersonalSecrets.NotePassword((await shown.TextContentAsync())!);
    }

    internal static Task HeadingAsync(IPage page, string text) =>
        Assertions.Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Level = 1 }))
            .ToHaveTextAsync(text);

    internal static async Task PictureAsync(IPage page, string name) =>
        await page.ScreenshotAsync(
            new PageScreenshotOptions { Path = Path.Combine(PortalBed.Screenshots, $"{name}.png"), FullPage = true });

    [GeneratedRegex("^[a-z0-9]{6}[A-Za-z0-9]{26}$")]
    internal static partial Regex GeneratedPassword();
}
