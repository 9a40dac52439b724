using MailOperator.Api;

namespace MailOperator.UnitTests.Api;

public sealed class ApiTextTests
{
    [Theory]
    [InlineData("24h", 86400)]
    [InlineData("1d12h", 129600)]
    [InlineData("30m", 1800)]
    [InlineData("0s", 0)]
    [InlineData("1d2h3m4s", 93784)]
    public void Durations_Text_IsReadAndWritten(string text, int seconds)
    {
        Assert.Equal(TimeSpan.FromSeconds(seconds), Durations.Parse(text));
        Assert.Equal(TimeSpan.FromSeconds(seconds), Durations.Parse(Durations.Format(TimeSpan.FromSeconds(seconds))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("24")]
    [InlineData("h")]
    [InlineData("-1h")]
    [InlineData("1h1d")]
    [InlineData("1.5h")]
    [InlineData("1h\n")]
    [InlineData("999999999d")]
    public void Durations_OtherText_IsNone(string text) => Assert.Null(Durations.Parse(text));

    [Theory]
    [InlineData("alerts@example.com", true)]
    [InlineData("a.b+c_d=e~f-g@sub.example.com", true)]
    [InlineData("a@localhost", true)]
    [InlineData("a@b@c", false)]
    [InlineData("@example.com", false)]
    [InlineData("a b@example.com", false)]
    [InlineData("a/b@example.com", false)] // a slash separates the keys of a passwd-file
    [InlineData("a:b@example.com", false)]
    [InlineData("a%u@example.com", false)] // Dovecot expands it
    [InlineData("a@example.com\n", false)]
    [InlineData("a@-example.com", false)]
    public void MailboxAddress_IsWhatNoStoreGivesAMeaningTo(string mailbox, bool expected) =>
        Assert.Equal(expected, MailboxAddress.IsValid(mailbox));

    [Fact]
    public void MailboxAddress_Username_KeepsTheLocalPartAsWritten() =>
        Assert.Equal("Shop@example.com", MailboxAddress.Username("Shop@EXAMPLE.com"));
}
