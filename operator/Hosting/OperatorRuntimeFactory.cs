using MailOperator.Backends;
using MailOperator.Integrity;
using MailOperator.Kubernetes;

namespace MailOperator.Hosting;

/// <summary>Creates the runtime with everything that the modules registered.</summary>
internal static class OperatorRuntimeFactory
{
    public static OperatorRuntime Create(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<OperatorOptions>();
        return new OperatorRuntime(
            [.. provider.GetServices<Controller>()],
            [.. provider.GetServices<ILeaderLoop>()
                .Select(static loop => (Func<CancellationToken, Task>)loop.RunAsync),
                .. Claims(provider, options)],
            waitForSync: async token =>
            {
                await Task.WhenAll(
                    provider.GetServices<IInformer>().Select(informer => informer.WaitForSyncAsync(token)));
                provider.GetRequiredService<OperatorIdentity>().Instance = InstanceOf(
                    options, provider.GetRequiredService<ObjectStore<NamespaceMetadata>>());
            },
            prepare: async token =>
            {
                if (options.LeaderElection.Enabled)
                {
                    await provider.GetRequiredService<ClusterClaim>().AcquireAsync(token);
                }

                provider.GetRequiredService<CredentialDigestSource>().Current =
                    await DigestKey.LoadOrCreateAsync(
                        provider.GetRequiredService<KubernetesApi>(), provider.GetRequiredService<OwnNamespace>().Name,
                        token);
            },
            options.LeaderElection.Enabled ? Lease(provider, options) : null,
            lostLease: LeaseLostExit.ExitNow,
            provider.GetRequiredService<ILogger<OperatorRuntime>>());
    }

    private static IEnumerable<Func<CancellationToken, Task>> Claims(IServiceProvider provider, OperatorOptions options)
    {
        if (options.LeaderElection.Enabled)
        {
            yield return provider.GetRequiredService<ClusterClaim>().RunAsync;
        }
    }

    private static LeaderLease Lease(IServiceProvider provider, OperatorOptions options)
    {
        LeaderLease lease = ActivatorUtilities.CreateInstance<LeaderLease>(
            provider,
            options.LeaderElection,
            new ObjectKey(provider.GetRequiredService<OwnNamespace>().Name, options.LeaderElection.LeaseName),
            ProcessIdentity.Value);
        provider.GetRequiredService<RuntimeMetrics>().ScrapeAs(
            "leader_election_master_status", "1 on the pod that is the leader, 0 on the others.", ["name"],
            () => [new Sample(lease.IsLeader ? 1 : 0, options.LeaderElection.LeaseName)]);
        return lease;
    }

    private static string InstanceOf(OperatorOptions options, ObjectStore<NamespaceMetadata> namespaces) =>
        options.Instance is { Length: > 0 } set
            ? set
            : namespaces.Find(new ObjectKey("", "kube-system"))?.Metadata.Uid
                ?? throw new InvalidOperationException(
                    "Namespace kube-system was not found, so this cluster has no name; set Instance.");
}
