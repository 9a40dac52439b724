using System.Net;
using MailOperator.Api;

namespace MailOperator.UnitTests.Api;

public sealed class NetworkTests
{
    [Theory]
    [InlineData("10.1.2.3/8", "10.0.0.0/8")]
    [InlineData("10.1.2.3/32", "10.1.2.3/32")]
    [InlineData("10.1.2.3/0", "0.0.0.0/0")]
    [InlineData("10.1.2.255/25", "10.1.2.128/25")]
    [InlineData("2001:DB8:0:0:0:0:0:1/128", "2001:db8::1/128")]
    [InlineData("2001:db8::ffff/33", "2001:db8::/33")]
    [InlineData("::1/0", "::/0")]
    public void TryParse_Network_IsReadInCanonicalForm(string text, string expected)
    {
        Assert.True(Network.TryParse(text, out IPNetwork network));

        Assert.Equal(expected, network.ToString());
    }

    [Theory]
    [InlineData("010.0.0.0/8")] // octal in .NET: it would allow 8.0.0.0/8
    [InlineData("10/8")] // 0.0.0.10 in .NET
    [InlineData("10.1/16")]
    [InlineData("0x0a.0.0.0/8")]
    [InlineData("167772160/8")]
    [InlineData("[::1]/128")]
    [InlineData("fe80::1%eth0/64")]
    [InlineData("fe80::1%1/64")]
    [InlineData("10.0.0.0")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("::/129")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("10.0.0.0/ 8")]
    [InlineData(" 10.0.0.0/8")]
    [InlineData("10.0.0.0/+8")]
    [InlineData("10.0.0.0/99999999999")]
    [InlineData("10.0.0.0/8\0")] // .NET reads over it
    [InlineData("10.0.0.0/8,0.0.0.0/0")]
    [InlineData("10.0.0.0/8 user=boss")]
    [InlineData("somewhere/8")]
    [InlineData("/8")]
    [InlineData("")]
    public void TryParse_OtherText_IsRefused(string text) => Assert.False(Network.TryParse(text, out _));
}
