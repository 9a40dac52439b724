using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;

namespace MailOperator.MailBackends;

/// <summary>Where the slots of devices are: the running backend of a MailBackend, and whose its slots are.</summary>
internal sealed class DeviceBackends(
    ObjectStore<MailBackend> backends, BackendRegistry registry, OperatorIdentity identity)
{
    /// <summary>The owner of a device's slots.</summary>
    public SlotOwner OwnerOf(MailDevice device) => new(identity.Instance, device.Metadata.Uid);

    /// <summary>The MailBackend of this name.</summary>
    /// <exception cref="MailBackendException">There is none any more.</exception>
    public MailBackend Get(string name) =>
        backends.Find(new ObjectKey("", name))
        ?? throw new MailBackendException(BackendFailure.Unavailable, $"MailBackend '{name}' has just gone.");

    /// <summary>The running backend, as it is for one mailbox.</summary>
    /// <param name="name">Name of the MailBackend.</param>
    /// <param name="mailbox">In lower case.</param>
    /// <exception cref="MailBackendException">The MailBackend is not there any more.</exception>
    public IMailBackend At(string name, string mailbox) => registry.Get(Get(name), mailbox);

    /// <summary>The running backend, as it is for the mailbox of a device.</summary>
    /// <inheritdoc cref="At(string, string)"/>
    public IMailBackend At(string name, MailDevice device) => At(name, MailboxAddress.Normalize(device.Spec.Mailbox));

    /// <summary>The MailBackend of this name with its running backend, if it can be used.</summary>
    /// <exception cref="MailBackendException">It does not exist, or its settings are wrong.</exception>
    public (MailBackendSpec Spec, IMailBackend At) Usable(string name, MailDevice device) =>
        backends.Find(new ObjectKey("", name)) is { } backend && BackendProblems.IsUsable(backend, registry)
            ? (backend.Spec, registry.Get(backend, MailboxAddress.Normalize(device.Spec.Mailbox)))
            : throw new MailBackendException(
                BackendFailure.Unavailable,
                $"MailBackend '{name}' does not exist or cannot be used; create or correct it.");

    /// <summary>Where a deleted device may have slots.</summary>
    /// <inheritdoc cref="BackendSelection.NamesForRevocation"/>
    public string[] NamesForRevocation(MailDevice device) => [.. BackendSelection.NamesForRevocation(device, backends)];

    /// <summary>Counts a password that nobody asked for against the limit of its MailBackend.</summary>
    /// <exception cref="MailBackendException">The limit is reached: come back later.</exception>
    public void CountUnasked(string name) =>
        registry.CountUnasked(name, Get(name).Spec.MaxRotationsPerMinute ?? BackendRegistry.DefaultUnaskedPerMinute);
}
