using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;

namespace MailOperator.DeviceInvitations.Delivery;

/// <summary>
/// Decides which addresses a namespace may have links mailed to. Whoever may write an invitation names the address, and
/// the mail comes from the platform's sender: without a limit that would be anybody's relay.
/// </summary>
internal sealed class RecipientDomains(ObjectStore<MailBackend> backends, ObjectStore<NamespaceMetadata> namespaces)
{
    /// <summary>Why no link from the namespace is mailed to the address; null if it may be.</summary>
    /// <param name="namespace">The namespace of the invitation.</param>
    /// <param name="to">A valid address.</param>
    /// <param name="relay">The relay, with the domains that the platform allows.</param>
    public string? Problem(string @namespace, string to, SmtpRelay relay)
    {
        bool isNamed = relay.RecipientDomains.Count > 0;
        string[] allowed = isNamed ? [.. relay.RecipientDomains] : Granted(@namespace);
        string domain = MailboxAddress.Normalize(to[(to.LastIndexOf('@') + 1)..]);
        if (allowed.Any(pattern => Matches(pattern, domain)))
        {
            return null;
        }

        string domains = allowed.Length == 0 ? "no domain" : string.Join(", ", allowed);
        return $"No link is mailed to {domain}: from namespace '{@namespace}' links are mailed to {domains}"
            + (isNamed ? " (config.smtp.recipientDomains)" : ", as mailboxes are granted to it")
            + "; ask the platform team to add the domain to config.smtp.recipientDomains, or pass on the link from its "
            + "Secret";
    }

    /// <summary>Whether a domain is allowed: by its name, by <c>*.</c> and the one above it, or by <c>*</c>.</summary>
    internal static bool Matches(string pattern, string domain) =>
        pattern == "*"
        || string.Equals(pattern, domain, StringComparison.OrdinalIgnoreCase)
        || (pattern.StartsWith("*.", StringComparison.Ordinal)
            && domain.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase));

    private string[] Granted(string @namespace)
    {
        IDictionary<string, string>? labels = namespaces.Find(new ObjectKey("", @namespace))?.Metadata.Labels;
        return
        [
            .. backends.All
                .Where(static backend => backend.IsReadable("spec.grants"))
                .SelectMany(backend => Grants.Domains(
                    backend.Spec.Grants,
                    @namespace,
                    labels is null ? new Dictionary<string, string>() : labels.AsReadOnly()))
                .Distinct().Order(StringComparer.Ordinal),
        ];
    }
}
