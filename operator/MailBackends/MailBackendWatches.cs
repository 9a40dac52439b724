using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.MailBackends;

/// <summary>Requeues MailBackends when they, the set of devices, or what they wait for changes.</summary>
internal sealed class MailBackendWatches(
    Informer<MailBackend> backends,
    Informer<MailDevice> devices,
    Informer<NamespaceMetadata> namespaces,
    SecretFeed secrets,
    IBackendSecrets credentials,
    SeenDevices seen,
    ListingPace pace,
    ReconcileQueue<MailBackend> queue) : IWatches
{
    public void Connect()
    {
        backends.Changed += (before, after) =>
        {
            if (ObjectNews.Is(before, after, static backend => backend.Status?.Conditions is null))
            {
                queue.Add((after ?? before)!.Key);
            }

            // Another default concerns those that were the default so far.
            if ((before is not null && DefaultBackends.IsMarked(before))
                != (after is not null && DefaultBackends.IsMarked(after)))
            {
                foreach (MailBackend other in DefaultBackends.In(backends.Store))
                {
                    queue.Add(other.Key);
                }
            }
        };
        devices.Changed += (before, after) =>
        {
            if (before?.PasswordUid != after?.PasswordUid)
            {
                seen.Add((after ?? before)!.PasswordUid);
                foreach (MailBackend backend in backends.Store.All)
                {
                    // One that is deleted waits for its last device, and somebody for it.
                    TimeSpan delay = backend.IsDeleting
                        ? InUseFinalizer.CountDelay
                        : pace.DelayOf(backend.Metadata.Name);
                    queue.Keys.AddAfter(backend.Key, delay, QueueLane.Resync);
                }
            }
        };
        secrets.Changed += OnSecret;
        namespaces.Changed += OnNamespace;
    }

    // Somebody corrects credentials and waits.
    private void OnSecret(ObjectKey secret)
    {
        if (secret.Namespace == credentials.Namespace)
        {
            Wake(backend => SecretsOf(backend.Spec).Contains(secret.Name, StringComparer.Ordinal));
        }
    }

    private void OnNamespace(NamespaceMetadata? before, NamespaceMetadata? after)
    {
        if (before is null)
        {
            Wake(backend => backend.Spec.PasswdFile?.Secret?.Namespace == after!.Metadata.Name);
        }
    }

    private void Wake(Func<MailBackend, bool> which)
    {
        foreach (MailBackend backend in backends.Store.All.Where(which))
        {
            queue.Add(backend.Key);
        }
    }

    private static IEnumerable<string?> SecretsOf(MailBackendSpec spec) =>
    [
        spec.Sql?.CredentialsSecret.Name,
        spec.Ldap?.BindSecret.Name,
        spec.Webhook?.AuthSecret.Name,
        spec.Infomaniak?.TokenSecret.Name,
        .. (spec.Dovecot?.Doveadm ?? []).Select(static server => server.CredentialsSecret.Name),
    ];
}
