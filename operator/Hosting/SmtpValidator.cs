using MailOperator.Api;
using MailOperator.Backends;
using Microsoft.Extensions.Options;

namespace MailOperator.Hosting;

/// <summary>Checks that a relay has a sender address, and that a CA bundle has certificates.</summary>
internal sealed class SmtpValidator : IValidateOptions<OperatorOptions>
{
    public ValidateOptionsResult Validate(string? name, OperatorOptions options) => options.Smtp switch
    {
        { Host: null or "" } => ValidateOptionsResult.Success,
        { From: var from } when !MailboxAddress.IsValid(from ?? "") => ValidateOptionsResult.Fail(
            "Smtp:From must be the address that mail comes from, such as no-reply@example.com, "
            + "where Smtp:Host is set."),
        { CaBundle: var bundle } when CaBundle.Problem(bundle) is { } problem =>
            ValidateOptionsResult.Fail($"Smtp:CaBundle {problem}."),
        _ => ValidateOptionsResult.Success,
    };
}
