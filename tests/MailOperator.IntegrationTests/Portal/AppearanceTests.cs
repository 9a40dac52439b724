using System.Collections.Concurrent;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using MailOperator.Languages;
using Microsoft.Playwright;

namespace MailOperator.IntegrationTests.Portal;

/// <summary>
/// The pages' appearance and accessibility in all languages, sizes and colour schemes. Keeps screenshots.
/// </summary>
public sealed class AppearanceTests : PortalTest
{
    private const int MaxPageBytes = 60 * 1024;

    private static readonly AxeRunOptions Wcag = new()
    {
        RunOnly = new RunOnlyOptions
        {
            Type = "tag",
            Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        },
    };

    /// <summary>Language, dark, phone, and whether axe runs: it is slow, so only once per theme and size.</summary>
    public static TheoryData<string, bool, bool, bool> Looks() => new()
    {
        { "en", false, false, true },
        { "de", true, true, true },
        { "fr", true, false, false },
        { "it", false, true, false },
        { "es", true, true, false },
    };

    [Theory]
    [MemberData(nameof(Looks))]
    public async Task Pages_OnTheWholeWay_AreLegibleForEverybody(string language, bool dark, bool phone, bool axe)
    {
        PageTexts texts = Language.Find(language)!.Page;
        string look = $"{language}-{(phone ? "phone" : "desktop")}-{(dark ? "dark" : "light")}";
        TestInvitation invitation = await InviteAsync(chosen: "Allowed");
        // axe is injected into the page, which the Content-Security-Policy forbids.
        IPage page = await PersonAsync(
            language, dark: dark, phone: phone, change: static options => options.BypassCSP = true);
        await OpenAsync(page, invitation);
        await HeadingAsync(page, texts.OpenTitle);
        Assert.Equal(language, await page.Locator("html").GetAttributeAsync("lang"));
        await CheckAsync(page, axe, $"1-open-{look}");

        if (!phone)
        {
            await page.GetByText(texts.PhoneSummary).ClickAsync(); // not shown on a phone
            await CheckAsync(page, axe, $"1-code-{look}");
        }

        await page.GetByText(texts.OwnSummary).ClickAsync();
        await page.GetByLabel(texts.OwnLabel).FillAsync("correct horse é");
        await page.Locator("form:has(#own)").EvaluateAsync("form => { form.noValidate = true; form.requestSubmit(); }");
        await page.WaitForSelectorAsync("#wrong");
        await CheckAsync(page, axe, $"2-own-{look}");

        await page.GetByRole(AriaRole.Button, new() { Name = texts.Create }).ClickAsync();
        await HeadingAsync(page, texts.WaitingTitle);
        await invitation.WaitForClaimAsync();
        await invitation.ClaimedAsync("False", "BackendUnavailable");
        await Assertions.Expect(page.Locator(".note")).ToHaveTextAsync(texts.WaitingAway);
        await CheckAsync(page, axe, $"3-waiting-{look}");

        await invitation.ClaimedAsync("True", "Claimed");
        await HeadingAsync(page, texts.ReadyTitle);
        await CheckAsync(page, axe, $"4-ready-{look}");
        await ShownPasswordAsync(page);
        await page.Locator("details[name=app] summary").First.ClickAsync();
        await CheckAsync(page, axe, $"5-shown-{look}");

        await page.GetByRole(AriaRole.Button, new() { Name = texts.Done }).ClickAsync();
        await HeadingAsync(page, texts.DoneTitle);
        await CheckAsync(page, axe, $"6-done-{look}");
        await OpenAsync(page, invitation, 404);
        await HeadingAsync(page, texts.UnusableTitle);
        await CheckAsync(page, axe, $"7-unusable-{look}");
    }

    [Fact]
    public async Task Language_Switched_StaysOnTheWholeWay()
    {
        TestInvitation invitation = await InviteAsync();
        IPage page = await PersonAsync("en");
        await OpenAsync(page, invitation);
        await page.GetByRole(AriaRole.Link, new() { Name = "DE Deutsch" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Passwort erstellen" }).ClickAsync();
        await HeadingAsync(page, "Ihr Passwort wird eingerichtet");
        await invitation.WaitForClaimAsync();
        await invitation.ClaimedAsync("True", "Claimed");

        await HeadingAsync(page, "Ihr Passwort ist bereit");
    }

    [Fact]
    public async Task Keyboard_Alone_GoesAllTheWay()
    {
        TestInvitation invitation = await InviteAsync();
        IPage page = await PersonAsync();
        await OpenAsync(page, invitation);
        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.GetByText("Skip to content")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Create the password" }))
            .ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await invitation.WaitForClaimAsync();
        await invitation.ClaimedAsync("True", "Claimed");
        await HeadingAsync(page, "Your password is ready");
        for (int i = 0; i < 7; i++)
        {
            await page.Keyboard.PressAsync("Tab"); // past the skip link and five languages, to the password
        }

        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#password")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(320)]
    [InlineData(1600)]
    public async Task Page_AnyWidth_NeedsNoSidewaysScrolling_AndDoesNotJump(int width)
    {
        TestInvitation invitation = await InviteAsync(chosen: "Allowed");
        IPage page = await PersonAsync(
            "de", change: options => options.ViewportSize = new ViewportSize { Width = width, Height = 640 });
        var shifts = new ConcurrentQueue<string>();
        await page.ExposeFunctionAsync("shifted", (string what) => shifts.Enqueue(what)); // stays exposed on all pages
        await page.AddInitScriptAsync("""
            new PerformanceObserver(list => {
              for (const entry of list.getEntries())
                if (!entry.hadRecentInput)
                  window.shifted(`${entry.value} at ${entry.sources.map(source => source.node?.outerHTML)}`);
            }).observe({ type: 'layout-shift', buffered: true });
            """);
        await OpenAsync(page, invitation);
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await AssertFitsAsync(page, width);
        await AssertIsSmallAsync(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "Passwort erstellen" }).ClickAsync();
        await invitation.WaitForClaimAsync();
        await invitation.ClaimedAsync("False", "BackendUnavailable");
        await Assertions.Expect(page.Locator(".note")).ToBeVisibleAsync();
        await AssertFitsAsync(page, width);
        await invitation.ClaimedAsync("True", "Claimed");
        await HeadingAsync(page, "Ihr Passwort ist bereit");
        await AssertFitsAsync(page, width);
        await AssertIsSmallAsync(page);
        await AssertDoesNotWaitForItsButtonAsync(page);
        await ShownPasswordAsync(page);
        await PictureAsync(page, $"8-width-{width}");
        await AssertFitsAsync(page, width);
        await page.GetByRole(AriaRole.Button, new() { Name = "Ich habe es gespeichert" }).ClickAsync();
        await HeadingAsync(page, "Alles erledigt");
        await AssertFitsAsync(page, width);
        Assert.Empty(shifts);
    }

    private static async Task AssertFitsAsync(IPage page, int width)
    {
        // Until painted and layout shifts are reported.
        await page.EvaluateAsync("new Promise(done => requestAnimationFrame(() => setTimeout(done)))");
        Assert.InRange(await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), 1, width);
    }

    // A browser may paint a page whose end it has not read. Mutant: the button makes its own room.
    private static async Task AssertDoesNotWaitForItsButtonAsync(IPage page)
    {
        double moved = await page.EvaluateAsync<double>("""
            () => {
              const place = () => document.querySelector('.reveal summary span:last-child').getBoundingClientRect().x;
              const button = document.querySelector('.secret > button');
              const before = place();
              button.remove();
              const after = place();
              document.querySelector('.secret').append(button);
              return before - after;
            }
            """);
        Assert.Equal(0, moved);
    }

    /// <summary>Bytes of the page with everything that it loads.</summary>
    private static async Task AssertIsSmallAsync(IPage page) => Assert.InRange(
        await page.EvaluateAsync<int>(
            "['navigation', 'resource'].flatMap(type => performance.getEntriesByType(type)).reduce((sum, "
            + "entry) => sum + entry.decodedBodySize, 0)"),
        1, MaxPageBytes);

    internal static async Task CheckAsync(IPage page, bool axe, string picture)
    {
        await PictureAsync(page, picture);
        if (!axe)
        {
            return;
        }

        AxeResult result = await page.RunAxe(Wcag);
        Assert.True(
            result.Violations.Length == 0, $"{picture}: {string.Join("; ", result.Violations.Select(Describe))}");

        static string Describe(AxeResultItem violation) =>
            $"{violation.Id}: {violation.Help} at {string.Join(", ", violation.Nodes.Select(node => node.Html))}";
    }
}
