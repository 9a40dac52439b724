using Microsoft.Extensions.Options;

namespace MailOperator.Hosting;

/// <summary>Checks that links can be built from <see cref="OperatorOptions.InvitationUrl"/>.</summary>
internal sealed class InvitationUrlValidator : IValidateOptions<OperatorOptions>
{
    public ValidateOptionsResult Validate(string? name, OperatorOptions options) =>
        options.InvitationUrl is null || IsUsable(options.InvitationUrl)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                "InvitationUrl must be the portal's address such as https://invite.example.com, without a query.");

    private static bool IsUsable(Uri url) =>
        url.IsAbsoluteUri
        && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
        && url.Query.Length == 0
        && url.Fragment.Length == 0;
}
