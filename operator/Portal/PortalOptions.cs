using System.ComponentModel.DataAnnotations;
using System.Net;
using MailOperator.DeviceInvitations;
using Microsoft.Extensions.Options;

namespace MailOperator.Portal;

/// <summary>
/// Settings of the role <c>portal</c>, from environment variables <c>MAIL_OPERATOR_PORTAL_…</c> named like the properties
/// or from the command line (<c>--PublicUrl=https://…</c>).
/// </summary>
internal sealed class PortalOptions
{
    /// <summary>Where people reach the portal, as it stands in the links. Whether it begins with https decides over cookies and HSTS.</summary>
    [Required]
    public string PublicUrl { get; set; } = "";

    /// <summary>Where the pages are served.</summary>
    [Required]
    public string ListenUrl { get; set; } = "http://*:8080";

    /// <summary>Where /healthz, /readyz and /metrics are served: another port, which no Ingress leads to.</summary>
    [Required]
    public string ManagementUrl { get; set; } = "http://*:8081";

    /// <summary>Shown at the top of the pages and in Apple profiles.</summary>
    [MaxLength(64)]
    public string? Organization { get; set; }

    /// <summary>Networks of the proxies whose X-Forwarded-For is believed: CIDRs, separated by commas. Default: none is.</summary>
    public string? TrustedProxies { get; set; }

    /// <summary>Requests a minute from one address (IPv6: one /64).</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerMinute { get; set; } = 300;

    /// <summary>Requests a minute for one link, from anywhere.</summary>
    [Range(1, 1_000_000)]
    public int LinkRequestsPerMinute { get; set; } = 120;

    /// <summary>Forms a minute for one link, from anywhere: each costs a bcrypt hash.</summary>
    [Range(1, 1_000_000)]
    public int ClaimsPerMinute { get; set; } = 10;

    /// <summary>PEM file with the certificate, and those of its issuers, that Apple profiles are signed with. Default: they are not.</summary>
    public string? ProfileCertificateFile { get; set; }

    /// <summary>PEM file with the certificate's private key.</summary>
    public string? ProfileKeyFile { get; set; }

    public Uri PublicUri => new(PublicUrl);

    /// <summary>As browsers write it in <c>Origin</c>.</summary>
    public string Origin => PublicUri.GetLeftPart(UriPartial.Authority);

    /// <summary>Path below which everything is; "" at the root.</summary>
    public string PathBase => PublicUri.AbsolutePath.TrimEnd('/');

    public bool IsBehindTls => PublicUri.Scheme == Uri.UriSchemeHttps;

    public string LinkOf(string token) => LinkUrl.Of(PublicUri, token);

    public static int PortOf(string listenUrl) => Microsoft.AspNetCore.Http.BindingAddress.Parse(listenUrl).Port;

    public IReadOnlyList<IPNetwork> Proxies() =>
        [.. (TrustedProxies ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(IPNetwork.Parse)];
}

/// <summary>Made by the compiler from the attributes above.</summary>
[OptionsValidator]
internal sealed partial class PortalOptionsValidator : IValidateOptions<PortalOptions>;

/// <summary>What an attribute cannot say.</summary>
internal sealed class PortalOptionsRules : IValidateOptions<PortalOptions>
{
    public ValidateOptionsResult Validate(string? name, PortalOptions options) =>
        !Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out Uri? url) || url.Scheme is not ("https" or "http") || url.Query.Length + url.Fragment.Length > 0
            ? ValidateOptionsResult.Fail("PublicUrl must be the URL at which people reach the portal, such as https://devices.example.com.")
        : options.ListenUrl.Contains("https://", StringComparison.OrdinalIgnoreCase)
            ? ValidateOptionsResult.Fail("ListenUrl must begin with http://: TLS ends at the Ingress or Gateway.")
        : PortalOptions.PortOf(options.ListenUrl) == PortalOptions.PortOf(options.ManagementUrl)
            ? ValidateOptionsResult.Fail("ListenUrl and ManagementUrl must have different ports, or everybody could read the metrics.")
        : !Array.TrueForAll((options.TrustedProxies ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), static one => IPNetwork.TryParse(one, out _))
            ? ValidateOptionsResult.Fail("TrustedProxies must be networks such as 10.0.0.0/8, separated by commas.")
        : string.IsNullOrEmpty(options.ProfileCertificateFile) != string.IsNullOrEmpty(options.ProfileKeyFile)
            ? ValidateOptionsResult.Fail("ProfileCertificateFile and ProfileKeyFile belong together: give both or neither.")
        : ValidateOptionsResult.Success;
}
