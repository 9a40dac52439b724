namespace MailOperator.Kubernetes;

/// <summary>
/// Names this process to others: the pod's name and a random part, for a pod restarted in place is another process.
/// </summary>
internal static class ProcessIdentity
{
    public static readonly string Value = $"{Environment.MachineName}_{Guid.NewGuid():N}";
}
