using MailOperator.Hosting;
using Microsoft.Extensions.Options;

namespace MailOperator.UnitTests.Hosting;

public sealed class OperatorOptionsTests
{
    [Theory]
    [InlineData(null, true)]
    [InlineData("", true)] // the same as null
    [InlineData("Cluster-1.example_com", true)]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234", true)]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345", false)]
    [InlineData("a/b", false)] // a slash separates the parts of an owner
    [InlineData("a:b", false)]
    [InlineData("two words", false)]
    [InlineData("a\n", false)]
    [InlineData("\u00e4", false)]
    [InlineData(".", false)] // has a meaning in a path
    [InlineData("..", false)]
    [InlineData("...", false)]
    [InlineData("..a", true)]
    public void Instance_InvalidInALabelOrPath_IsRefused(string? instance, bool isGood)
    {
        ValidateOptionsResult result = new OperatorOptionsValidator()
            .Validate(null, new OperatorOptions { Instance = instance });

        Assert.Equal(isGood, result.Succeeded);
        Assert.Equal(
            !isGood,
            result.FailureMessage?.Contains("Instance must be 1 to 64 letters", StringComparison.Ordinal) ?? false);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("no certificate", false)]
    public void SmtpCaBundle_WithoutACertificate_IsRefused(string? bundle, bool isGood)
    {
        var options = new OperatorOptions
        {
            Smtp =
            {
                Host = "relay.example.com",
                From = "no-reply@example.com",
                CaBundle = bundle is null ? null : System.Text.Encoding.ASCII.GetBytes(bundle),
            },
        };

        ValidateOptionsResult result = new SmtpValidator().Validate(null, options);

        Assert.Equal(isGood, result.Succeeded);
        Assert.Equal(
            !isGood,
            result.FailureMessage?.Contains("Smtp:CaBundle must hold certificates in PEM", StringComparison.Ordinal)
            ?? false);
    }
}
