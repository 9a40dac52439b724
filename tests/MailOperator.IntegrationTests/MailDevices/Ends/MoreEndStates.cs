using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices.Ends;

/// <summary>What a tenant can do to the Secret of a device, and two things at once.</summary>
internal static class MoreEndStates
{
    public static readonly EndState[] All =
    [
        Secret("its Secret is immutable", "{immutable: true}"),
        Secret("the password in its Secret was edited", "{stringData: {password: 7hQpZ2vTnXw9LrKd4sYbEcGf}}"),
        Secret("the username in its Secret was edited", "{stringData: {username: 7hQpZ2vTnXw9@example.com}}"),
        Both(Secret("its Secret is immutable", "{immutable: true}"), Of("its window has no such time zone")),
        Both(Of("a template is wrong"), Of("another object owns its Secret")),
        Both(Of("its MailUser is missing"), Of("its Secret waits for another's finalizer")),
        Both(Of("paused"), Of("another object owns its Secret")),
        Both(Of("paused"), Of("a template is wrong")),
        Both(
            Secret("the password in its Secret was edited", "{stringData: {password: 7hQpZ2vTnXw9LrKd4sYbEcGf}}"),
            Of("its MailUser is missing")),
    ];

    private static EndState Of(string name) => EndState.All.Single(state => state.Name == name);

    // Nothing is waited for: the stop may come before or after the operator has mended the Secret.
    private static EndState Secret(string name, string patch) => new(
        name, (cluster, key) => cluster.MergeAsync(ResourceType.Secrets, key, patch));

    private static EndState Both(EndState one, EndState other) => new(
        $"{one.Name}, and {other.Name}",
        async (cluster, key) =>
        {
            await one.ImposeAsync(cluster, key);
            await other.ImposeAsync(cluster, key);
        })
    {
        Without = [.. one.Without.Union(other.Without)],
    };
}
