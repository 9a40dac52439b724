using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Claims;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.MailBackends;

/// <summary>Decides whether a device may have a password at its backend: by the grants and by their quotas.</summary>
internal sealed class DeviceGrants(
    ObjectStore<NamespaceMetadata> namespaces, QuotaLedger quotas, ClaimedPasswords claims)
{
    /// <summary>Why no grant allows the device; null if one does.</summary>
    public SpecProblem? GrantProblem(MailDevice device, MailBackend backend)
    {
        if (!backend.IsReadable("spec.grants"))
        {
            return BackendRules.Unreadable(backend, "spec.grants");
        }

        if (Of(device, backend).Any())
        {
            return null;
        }

        string chosen = IsChosen(device) ? " with a chosen password (chosenPasswords: Allowed)" : "";
        return new SpecProblem(
            Reasons.NotAllowed,
            $"No grant of MailBackend '{backend.Metadata.Name}' lets namespace '{device.Metadata.NamespaceProperty}' "
            + $"ask for {device.Spec.Mailbox}{chosen}; ask the platform team to add one to spec.grants");
    }

    /// <summary>
    /// Whether credentials issued under a grant must end because no grant covers the mailbox any more. They stay if
    /// only the chosen password is not allowed, while the namespace is not in the cache, because a grant may select it
    /// by its labels, and while the grants cannot be read.
    /// </summary>
    public bool IsRevoked(MailDevice device, MailBackend backend) =>
        backend.Spec.GrantWithdrawn == GrantWithdrawal.Revoke
        && IsUngranted(device.Metadata.NamespaceProperty, device.Spec.Mailbox, backend);

    /// <summary>Whether it is certain that no grant of the MailBackend covers the mailbox for the namespace.</summary>
    public bool IsUngranted(string @namespace, string mailbox, MailBackend backend) =>
        backend.IsReadable("spec.grants")
        && namespaces.Find(new ObjectKey("", @namespace)) is not null
        && !Matching(@namespace, mailbox, backend.Spec.Grants).Any();

    /// <summary>Whether the platform lets the passwords of the device outlive it.</summary>
    public bool AllowsRetention(MailDevice device, MailBackend backend) =>
        IsRetentionAllowed(device.Metadata.NamespaceProperty, device.Spec.Mailbox, backend);

    /// <summary>
    /// Whether it is certain that no grant of the MailBackend lets passwords of a namespace be retained. The namespace
    /// may be gone; then only grants that name it, or any, still match.
    /// </summary>
    public bool IsRetentionDenied(string @namespace, string mailbox, MailBackend backend) =>
        backend.IsReadable("spec.grants") && !IsRetentionAllowed(@namespace, mailbox, backend);

    /// <summary>
    /// Frees the place of a device all of whose passwords have ended. Call this when its finalizer is removed for that;
    /// otherwise the place stays taken until the backend shows that nothing is left.
    /// </summary>
    public void Release(MailDevice device) => quotas.Release(device);

    /// <summary>Admits a device that has no credential yet. Returns why the quotas have no place for it.</summary>
    public SpecProblem? AdmitUnlessFull(MailDevice device, MailBackend backend)
    {
        GrantSpec[] grants = [.. Of(device, backend)];
        string name = backend.Metadata.Name;
        return quotas.TryAdmit(device, name, grants, other => Of(other, backend)) ? null
            : quotas.IsCounted(name) ? Full(device, backend, grants)
            : new SpecProblem(
                Reasons.QuotaExceeded,
                $"The passwords at MailBackend '{name}' have not been counted since the operator started; this device "
                + "follows as soon as the MailBackend can be listed");
    }

    /// <summary>Admits a device that has a credential, whatever the quotas are now.</summary>
    public void Admit(MailDevice device, string backend) => quotas.Admit(device, backend);

    /// <summary>Lets others have the place of a device that cannot use it.</summary>
    public void Yield(MailDevice device, string backend) => quotas.Yield(device, backend);

    /// <summary>Whether a grant allows chosen passwords for the mailbox to the namespace of the device.</summary>
    public bool AllowChosen(MailDevice device, MailBackend backend) =>
        Matching(device, Grants.For(isChosen: true, backend)).Any();

    /// <summary>Why the quotas have no place for one more such device; null if they have. Admits nothing.</summary>
    public SpecProblem? QuotaProblem(MailDevice device, MailBackend backend)
    {
        GrantSpec[] grants = [.. Of(device, backend)];
        return grants.Any(grant => quotas.HasRoom(device, backend.Metadata.Name, grant))
            ? null
            : Full(device, backend, grants);
    }

    /// <summary>Why the device's passwords may not outlive it.</summary>
    public static SpecProblem RetentionProblem(MailDevice device, MailBackend backend) => new(
        Reasons.NotAllowed,
        $"No grant of MailBackend '{backend.Metadata.Name}' lets namespace '{device.Metadata.NamespaceProperty}' keep "
        + $"passwords of {device.Spec.Mailbox} after the deletion (retention: Allowed); set spec.deletionPolicy to "
        + "Revoke, or ask the platform team for it. A deletion revokes the password");

    private static SpecProblem Full(MailDevice device, MailBackend backend, GrantSpec[] grants) => new(
        Reasons.QuotaExceeded,
        $"MailBackend '{backend.Metadata.Name}' has no place left for {device.Spec.Mailbox} from namespace "
        + $"'{device.Metadata.NamespaceProperty}' ({string.Join("; ", grants.Select(Quotas).Distinct())}). "
        + "Delete a device that is no longer needed, or ask the platform team for more; "
        + "the oldest that waits is next");

    private IEnumerable<GrantSpec> Of(MailDevice device, MailBackend backend) =>
        Matching(device, Grants.For(IsChosen(device), backend));

    private bool IsChosen(MailDevice device) =>
        device.Spec.Password?.ValueFrom is not null || claims.Of(device)?.Claim is { IsChosen: true };

    // A mail system that cannot list its passwords would keep retained ones out of every limit.
    private bool IsRetentionAllowed(string @namespace, string mailbox, MailBackend backend) =>
        backend.Spec.Infomaniak is null
        && Matching(@namespace, mailbox, backend.Spec.Grants)
            .Any(static grant => grant.Retention == RetentionPolicy.Allowed);

    private IEnumerable<GrantSpec> Matching(MailDevice device, IReadOnlyList<GrantSpec>? grants) =>
        Matching(device.Metadata.NamespaceProperty, device.Spec.Mailbox, grants);

    private IEnumerable<GrantSpec> Matching(string name, string mailbox, IReadOnlyList<GrantSpec>? grants)
    {
        IDictionary<string, string>? labels = namespaces.Find(new ObjectKey("", name))?.Metadata.Labels;
        return Grants.Matching(
            grants,
            name,
            labels is null ? ImmutableDictionary<string, string>.Empty : labels.AsReadOnly(),
            mailbox);
    }

    private static string Quotas(GrantSpec grant) => string.Join(", ", new[]
    {
        grant.MaxDevicesPerMailbox is { } perMailbox ? $"maxDevicesPerMailbox: {perMailbox}" : null,
        grant.MaxDevicesPerNamespace is { } perNamespace ? $"maxDevicesPerNamespace: {perNamespace}" : null,
    }.OfType<string>());
}
