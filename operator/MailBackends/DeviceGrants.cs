using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Claims;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.MailBackends;

/// <summary>Whether a device may have a password at its backend: which grants allow it, and whether they have room.</summary>
internal sealed class DeviceGrants(ObjectStore<NamespaceMetadata> namespaces, QuotaLedger quotas, ClaimedPasswords held)
{
    /// <summary>Why no grant allows it, or null if one does.</summary>
    public SpecProblem? NotAllowed(MailDevice device, MailBackend backend) => Of(device, backend).Any() ? null : new SpecProblem(
        Reasons.NotAllowed,
        $"No grant of MailBackend '{backend.Metadata.Name}' lets namespace '{device.Metadata.NamespaceProperty}' ask for {device.Spec.Mailbox}"
        + (!IsChosen(device) ? "" : " with a chosen password (chosenPasswords: Allowed)")
        + "; ask the platform team to add one to spec.grants");

    /// <summary>
    /// Whether what was issued under a grant is to end now that none is for this mailbox. Not because the device asks for a
    /// chosen password that none allows, and never on the word of a namespace that was not seen: its labels may be what a
    /// grant asks for.
    /// </summary>
    public bool IsRevoked(MailDevice device, MailBackend backend) =>
        backend.Spec.GrantWithdrawn == GrantWithdrawal.Revoke
        && namespaces.Find(new ObjectKey("", device.Metadata.NamespaceProperty)) is not null
        && !Matching(device, backend.Spec.Grants).Any();

    /// <summary>Why there is no room for a device that has no credential yet, or null if it has its place now.</summary>
    public SpecProblem? NoRoom(MailDevice device, MailBackend backend)
    {
        GrantSpec[] grants = [.. Of(device, backend)];
        return quotas.TryAdmit(device, backend.Metadata.Name, grants, other => Of(other, backend)) ? null : Full(device, backend, grants);
    }

    private static SpecProblem Full(MailDevice device, MailBackend backend, GrantSpec[] grants) => new(
            Reasons.QuotaExceeded,
            $"MailBackend '{backend.Metadata.Name}' has no place left for {device.Spec.Mailbox} from namespace '{device.Metadata.NamespaceProperty}' "
            + $"({string.Join("; ", grants.Select(Quotas).Distinct())}). Delete a device that is no longer needed, or ask the platform team for more; "
            + "the oldest that waits is next");

    /// <summary>It has a credential, and with it its place.</summary>
    public void Admit(MailDevice device, string backend) => quotas.Admit(device, backend);

    /// <summary>Something else is in its way: it keeps nobody from a place.</summary>
    public void Yield(MailDevice device, string backend) => quotas.Yield(device, backend);

    /// <summary>Whether a grant lets this namespace have chosen passwords for the mailbox.</summary>
    public bool AllowChosen(MailDevice device, MailBackend backend) => Matching(device, Grants.For(isChosen: true, backend)).Any();

    /// <summary>Why there is no room for one more device like this, which takes no place by the question; null if there is.</summary>
    public SpecProblem? NoRoomNow(MailDevice device, MailBackend backend)
    {
        GrantSpec[] grants = [.. Of(device, backend)];
        return grants.Any(grant => quotas.HasRoom(device, backend.Metadata.Name, grant)) ? null : Full(device, backend, grants);
    }

    private IEnumerable<GrantSpec> Of(MailDevice device, MailBackend backend) =>
        Matching(device, Grants.For(IsChosen(device), backend));

    private bool IsChosen(MailDevice device) => device.Spec.Password?.ValueFrom is not null || held.Of(device)?.Claim is { IsChosen: true };

    private IEnumerable<GrantSpec> Matching(MailDevice device, IReadOnlyList<GrantSpec>? grants)
    {
        string name = device.Metadata.NamespaceProperty;
        IDictionary<string, string>? labels = namespaces.Find(new ObjectKey("", name))?.Metadata.Labels;
        return Grants.Matching(
            grants, name, labels is null ? ImmutableDictionary<string, string>.Empty : labels.AsReadOnly(), device.Spec.Mailbox);
    }

    private static string Quotas(GrantSpec grant) => string.Join(", ", new[]
    {
        grant.MaxDevicesPerMailbox is { } perMailbox ? $"maxDevicesPerMailbox: {perMailbox}" : null,
        grant.MaxDevicesPerNamespace is { } perNamespace ? $"maxDevicesPerNamespace: {perNamespace}" : null,
    }.OfType<string>());
}
