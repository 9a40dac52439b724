using MailOperator.IntegrationTests.Bed;
using MailOperator.Tests;

namespace MailOperator.Benchmarks.Bed;

/// <summary>
/// The CRD of MailDevices under another group. Its objects cost the API server the same, and the operator does not see
/// them, so that a bare client can write them while the operator runs.
/// </summary>
internal static class ChainKind
{
    public const string ApiVersion = "chain.mailoperator.io/v1alpha1";

    public static async Task InstallAsync(string folder)
    {
        string definition = (await File.ReadAllTextAsync(Repository.Path("crds", "maildevices.yaml")))
            .Replace("name: maildevices.mailoperator.io", "name: maildevices.chain.mailoperator.io",
                StringComparison.Ordinal)
            .Replace("group: mailoperator.io", "group: chain.mailoperator.io", StringComparison.Ordinal)
            .Replace("shortNames: [mdev]", "shortNames: [chaindev]", StringComparison.Ordinal);
        string file = Path.Combine(folder, "chain.yaml");
        await File.WriteAllTextAsync(file, definition);
        await Shell.RunAsync(Repository.Path("tests", "control-plane", "install-crds.sh"), file);
    }
}
