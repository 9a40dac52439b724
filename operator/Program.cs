using MailOperator.Hosting;
using MailOperator.Kubernetes;

CertificateDownloads.Refuse();
return args switch
{
    ["operator", .. var settings] => await OperatorRole.RunAsync(settings),
    ["portal", .. var settings] => await PortalRole.RunAsync(settings),
    _ => await UsageAsync(),
};

static async Task<int> UsageAsync()
{
    await Console.Error.WriteLineAsync(
        "usage: MailOperator operator|portal [--Name=value…]\nSettings are described in docs/configuration.md "
        + "and docs/portal.md.");
    return 2;
}
