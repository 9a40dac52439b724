using MailOperator.Api;

namespace MailOperator.UnitTests.Api;

public sealed class ObjectNamesTests
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("mail-operator.tls-0", true)]
    [InlineData("", false)]
    [InlineData("-a", false)]
    [InlineData("a.", false)]
    [InlineData("a..b", false)]
    [InlineData("A", false)]
    [InlineData("a/b", false)]
    [InlineData("a\n", false)]
    public void IsValid_Name_IsADnsSubdomain(string name, bool expected) =>
        Assert.Equal(expected, ObjectNames.IsValid(name));

    [Theory]
    [InlineData(253, true)]
    [InlineData(254, false)]
    public void IsValid_LongName_HasALimit(int length, bool expected) =>
        Assert.Equal(expected, ObjectNames.IsValid(new string('a', length)));
}
