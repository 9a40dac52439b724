using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Hosting;

/// <summary>What the operator watches of the kinds of others.</summary>
internal static class OperatorWatches
{
    /// <summary>The Secrets with the label of this operator, without their data.</summary>
    public static readonly Selection OwnSecrets = new(
        LabelSelector: $"{Annotations.ManagedByLabel}={Annotations.ManagedByValue}", MetadataOnly: true);

    /// <summary>All others, without their data.</summary>
    public static readonly Selection OtherSecrets = new(
        LabelSelector: $"{Annotations.ManagedByLabel}!={Annotations.ManagedByValue}", MetadataOnly: true);
}
