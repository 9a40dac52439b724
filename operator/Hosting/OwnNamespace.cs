using k8s;

namespace MailOperator.Hosting;

/// <summary>
/// The namespace of the operator itself, with its lease, its digest key and the credentials of backends.
/// </summary>
internal sealed class OwnNamespace(OperatorOptions options, KubernetesClientConfiguration client)
{
    private const string Default = "mail-operator";

    public string Name { get; } =
        options.Namespace is { Length: > 0 } set ? set : client.Namespace is { Length: > 0 } own ? own : Default;
}
