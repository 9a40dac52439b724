namespace MailOperator.Kubernetes;

/// <summary>A kind and its path at the API server. The core group is "".</summary>
internal sealed record ResourceType(string Group, string Version, string Plural, string Kind, bool IsNamespaced)
{
    public static readonly ResourceType Secrets = new("", "v1", "secrets", "Secret", IsNamespaced: true);
    public static readonly ResourceType Events = new("", "v1", "events", "Event", IsNamespaced: true);
    public static readonly ResourceType Namespaces = new("", "v1", "namespaces", "Namespace", IsNamespaced: false);

    public static readonly ResourceType Leases =
        new("coordination.k8s.io", "v1", "leases", "Lease", IsNamespaced: true);

    public static readonly ResourceType Deployments =
        new("apps", "v1", "deployments", "Deployment", IsNamespaced: true);
    public static readonly ResourceType StatefulSets =
        new("apps", "v1", "statefulsets", "StatefulSet", IsNamespaced: true);
    public static readonly ResourceType DaemonSets = new("apps", "v1", "daemonsets", "DaemonSet", IsNamespaced: true);

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Path of the collection, in one namespace or (null) in all.</summary>
    public string CollectionPath(string? @namespace)
    {
        string root = Group.Length == 0 ? $"api/{Version}" : $"apis/{Group}/{Version}";
        return string.IsNullOrEmpty(@namespace) || !IsNamespaced
            ? $"{root}/{Plural}"
            : $"{root}/namespaces/{Uri.EscapeDataString(@namespace)}/{Plural}";
    }

    public string ObjectPath(ObjectKey key) => $"{CollectionPath(key.Namespace)}/{Uri.EscapeDataString(key.Name)}";
}
