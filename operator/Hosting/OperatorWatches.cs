using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Hosting;

/// <summary>What the operator watches of kinds that are not its own.</summary>
internal static class OperatorWatches
{
    /// <summary>The Secrets that carry our label, without their data.</summary>
    public static readonly Selection OwnSecrets = new(
        LabelSelector: $"{Annotations.ManagedByLabel}={Annotations.ManagedByValue}", MetadataOnly: true);
}
