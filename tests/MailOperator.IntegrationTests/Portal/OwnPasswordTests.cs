using System.Text;
using MailOperator.Passwords;
using Microsoft.Playwright;

namespace MailOperator.IntegrationTests.Portal;

/// <summary>What the page says of a password while it is typed is what the portal does with it.</summary>
public sealed class OwnPasswordTests : PortalTest
{
    private static readonly string[] Typed =
    [
        "", "short", "correct horse battery 1", "aaaaaaaaaaaaaaaa", "abcdefgh12345678", "ABCDefghIJKLmnop",
        "x7k2m9q4 1234567", "x7k2m9q 12345678", "xk7xk7xk7xk7xk7xk7", "kitten kitten kitten", "Password!2Password!2",
        "qwertyuiopasdfghjkl", "sunshine over a muddy field", "P@ssw0rd iloveyou", "anna@example.com",
        "ANNA is my name!",
        "the Example of a cat", "a submission to write", "canada in december 2026", "zyxwvutsrqponmlk0x",
        "a:b{BLF-CRYPT}/%u\\\"'c",
    ];

    /// <summary>Kills: a rule that only one of the two knows, or counts otherwise.</summary>
    [Fact]
    public async Task Rules_OnThePage_AreThoseOfThePortal()
    {
        TestInvitation invitation = await InviteAsync(chosen: "Allowed");
        IPage page = await PersonAsync();
        await OpenAsync(page, invitation);
        await page.GetByText("I would rather choose my own").ClickAsync();
        ILocator field = page.GetByLabel("Your own password");
        IReadOnlyList<string> words = ChosenPasswordWeakness.WordsOf(
            "anna@example.com", "Example Mail", "imap.example.com", "pop.example.com", "submission.example.com");

        var different = new List<string>();
        foreach (string text in Typed)
        {
            await field.FillAsync("x");
            await field.FillAsync(text);
            bool isMet = await page.Locator(".rules li:not(.met)").CountAsync() == 0;
            if (isMet != (ChosenPassword.BrokenRule(Encoding.ASCII.GetBytes(text), words) is null))
            {
                different.Add(text);
            }
        }

        Assert.Empty(different);
    }

    /// <summary>Kills: a weak password that uses the link up; an error that names no rule.</summary>
    [Theory]
    [InlineData("abcdefgh12345678", "rows such as")]
    [InlineData("Password!2Qwertz!2", "well-known")]
    [InlineData("anna is my name here", "your address")]
    public async Task OwnPassword_Weak_IsRefusedInWordsAndTheLinkGoesOn(string text, string error)
    {
        TestInvitation invitation = await InviteAsync(chosen: "Allowed");
        IPage page = await PersonAsync("en", scripts: false);
        await OpenAsync(page, invitation);
        await page.GetByText("I would rather choose my own").ClickAsync();
        await page.GetByLabel("Your own password").FillAsync(text);
        await page.GetByRole(AriaRole.Button, new() { Name = "Use this password" }).ClickAsync();

        await Assertions.Expect(page.Locator("#wrong")).ToContainTextAsync(error);
        Assert.Null(await invitation.ClaimAsync());
    }
}
