using MailOperator.Portal;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Portal;

/// <summary>Invalid settings are refused by name, and the documentation lists all settings.</summary>
public sealed class PortalOptionsTests
{
    private static readonly PortalOptions Defaults = new();

    [Theory]
    [InlineData("PublicUrl", "")]
    [InlineData("PublicUrl", "devices.example.com")]
    [InlineData("PublicUrl", "ftp://devices.example.com")]
    [InlineData("PublicUrl", "https://devices.example.com/?a=b")]
    [InlineData("ListenUrl", "https://*:8080")]
    [InlineData("ManagementUrl", "http://*:8080")]
    [InlineData("TrustedProxies", "10.0.0.0/8, proxy")]
    [InlineData("ProfileCertificateFile", "/tls.crt")]
    [InlineData("ProfileKeyFile", "/tls.key")]
    [InlineData("RequestsPerMinute", "0")]
    public void Options_Invalid_AreRefusedByName(string name, string value)
    {
        PortalOptions options = Valid();
        System.Reflection.PropertyInfo property = typeof(PortalOptions).GetProperty(name)!;
        property.SetValue(options, property.PropertyType == typeof(int) ? int.Parse(value) : value);

        string? attributes = new PortalOptionsValidator().Validate(null, options).FailureMessage;
        string? rules = new PortalOptionsRules().Validate(null, options).FailureMessage;
        Assert.Contains(name, attributes + rules, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_Valid_AreAccepted()
    {
        PortalOptions options = Valid();
        options.TrustedProxies = "10.0.0.0/8, fd00::/8";

        Assert.True(new PortalOptionsValidator().Validate(null, options).Succeeded);
        Assert.True(new PortalOptionsRules().Validate(null, options).Succeeded);
        Assert.Equal(2, options.Proxies().Count);
    }

    [Theory]
    [InlineData("https://devices.example.com", "https://devices.example.com", "", "https://devices.example.com/i/T")]
    [InlineData(
        "https://example.com:8443/mail/", "https://example.com:8443", "/mail", "https://example.com:8443/mail/i/T")]
    public void PublicUrl_GivesOriginPathAndLinks(string url, string origin, string path, string link)
    {
        var options = new PortalOptions { PublicUrl = url };

        Assert.Equal((origin, path, link), (options.Origin, options.PathBase, options.LinkOf("T")));
    }

    [Fact]
    public void Page_Names_AreTheOptionsAndAllOfThem() => Assert.Equal(
        typeof(PortalOptions).GetProperties()
            .Where(property => property.CanWrite)
            .Select(property => property.Name)
            .Order(StringComparer.Ordinal),
        Rows().Select(row => row.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void Page_Defaults_AreTheOptions() => Assert.All(
        Rows().Where(row => row.Default.Any(char.IsDigit)),
        row => Assert.Equal($"{typeof(PortalOptions).GetProperty(row.Name)!.GetValue(Defaults)}", row.Default));

    private static PortalOptions Valid() => new() { PublicUrl = "https://devices.example.com" };

    private static IEnumerable<(string Name, string Default)> Rows() =>
        File.ReadLines(Repository.Path("docs", "portal.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => char.IsUpper(cells[1].Trim('`')[0]))
            .Select(cells => (cells[1].Trim('`'), cells[2].Trim('`')));
}
