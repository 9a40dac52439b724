using MailOperator.Backends.Ldap;
using MailOperator.Backends.Ldap.Protocol;

namespace MailOperator.UnitTests.Backends.Ldap;

public sealed class LdapAddressTests
{
    [Theory]
    [InlineData("ldap://ldap.example.com", "ldap.example.com", 389, false)]
    [InlineData("ldaps://ldap.example.com/", "ldap.example.com", 636, true)]
    [InlineData("ldap://192.0.2.1:1389", "192.0.2.1", 1389, false)]
    [InlineData("ldaps://[2001:db8::1]:1636", "2001:db8::1", 1636, true)]
    public void Parse_Url_IsTheHostThePortAndWhetherItIsEncrypted(
        string url, string host, int port, bool isEncrypted) =>
        Assert.Equal(new LdapAddress(host, port, isEncrypted), LdapAddress.Parse(url));

    [Theory]
    [InlineData("")]
    [InlineData("ldap://")]
    [InlineData("http://ldap.example.com")]
    [InlineData("ldap://user@ldap.example.com")]
    [InlineData("ldap://ldap.example.com/dc=example")]
    [InlineData("ldap://ldap.example.com:0")]
    [InlineData("ldap://ldap.example.com:65536")]
    [InlineData("ldap://[1:2]")]
    public void Parse_AnythingElse_IsNone(string url) => Assert.Null(LdapAddress.Parse(url));

    [Theory]
    [InlineData("a@example.com", "x=a@example.com,dc=y")]
    [InlineData("a+b,c@example.com", "x=a\\+b\\,c@example.com,dc=y")]
    [InlineData("#a", "x=\\#a,dc=y")]
    [InlineData(" a ", "x=\\ a\\ ,dc=y")]
    [InlineData("a\\\"<>;=", "x=a\\\\\\\"\\<\\>\\;\\=,dc=y")]
    public void Child_OfAValueWithSpecialCharacters_IsOneName(string value, string dn) =>
        Assert.Equal(dn, DistinguishedName.Child("x", value, "dc=y"));
}
