using System.Text;
using MailOperator.Backends;
using MailOperator.Passwords;

namespace MailOperator.UnitTests.Backends;

public sealed class ServerTextTests
{
    private const string Text = "abc123Secret0123456789";
    private const string Username = "alerts@example.com";

    private static AppPassword Password => new(Encoding.ASCII.GetBytes(Text));

    [Theory]
    [InlineData("no: " + Text)]
    [InlineData("no: ABC123SECRET0123456789 is wrong")]
    [InlineData("no: abc123Secr... is wrong")] // a part of it
    [InlineData("LOGIN YWJjMTIzU2VjcmV0MDEyMzQ1Njc4OQ==")] // the password in Base64
    [InlineData("PLAIN AGFsZXJ0c0BleGFtcGxlLmNvbQBhYmMxMjNTZWNyZXQwMTIzNDU2Nzg5")] // the whole answer of PLAIN
    public void Quote_ServerRepeatsThePassword_ShowsNothingOfIt(string said) =>
        Assert.Equal("it repeats the password, so its words are not shown", ServerText.Quote(said, Username, Password));

    [Theory]
    [InlineData("no: correct\thorse battery")]
    [InlineData("no: correct\r\nhorse \"battery\"")]
    public void Quote_PasswordThatOnlyShowingMakes_IsNotShown(string said)
    {
        // Mutant: looks for the password before control characters have become spaces, and not after.
        using var password = new AppPassword("correct horse  'battery'"u8.ToArray());

        Assert.Equal("it repeats the password, so its words are not shown", ServerText.Quote(said, Username, password));
    }

    [Fact]
    public void Quote_LinesAndControlCharacters_BecomeOneShortLine()
    {
        string quoted = ServerText.Quote("no \"way\"\r\n\u001b[31m" + new string('x', 1000), Username, Password);

        Assert.StartsWith("it says \"no 'way'   [31mxxx", quoted);
        Assert.InRange(quoted.Length, ServerText.MaxLength, ServerText.MaxLength + 20);
    }

    [Theory]
    [InlineData("454: 4.7.0 try later", true)]
    [InlineData("Temporary authentication failure.", true)]
    [InlineData("[UNAVAILABLE] no backend", true)]
    [InlineData("535: 5.7.8 Authentication failed", false)]
    [InlineData("[AUTHENTICATIONFAILED] Authentication failed.", false)]
    [InlineData("4546 users", false)]
    public void IsTemporary_Words_AreTold(string said, bool isTemporary) =>
        Assert.Equal(isTemporary, ServerText.IsTemporary(said));
}
