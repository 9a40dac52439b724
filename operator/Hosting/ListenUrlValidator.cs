using MailOperator.Portal;
using Microsoft.Extensions.Options;

namespace MailOperator.Hosting;

/// <summary>Checks that the operator can listen at <see cref="OperatorOptions.ListenUrl"/>.</summary>
internal sealed class ListenUrlValidator : IValidateOptions<OperatorOptions>
{
    public ValidateOptionsResult Validate(string? name, OperatorOptions options) =>
        ListenAddress.IsUsable(options.ListenUrl)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail("ListenUrl must be an address with a port, such as http://*:8080.");
}
