using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailServers;

namespace MailOperator.MailBackends;

/// <summary>Finds the backend that holds a device's slots, and the owner of those slots.</summary>
internal sealed class DeviceBackends(
    ObjectStore<MailBackend> backends,
    BackendRegistry registry,
    UnaskedBudget unasked,
    OperatorIdentity identity,
    BackendMetrics metrics)
{
    /// <summary>The owner of a device's slots.</summary>
    public SlotOwner OwnerOf(MailDevice device) => new(identity.Instance, device.PasswordUid);

    /// <summary>The MailBackend of this name.</summary>
    /// <exception cref="MailBackendException">It does not exist any more.</exception>
    public MailBackend Get(string name) =>
        backends.Find(new ObjectKey("", name))
        ?? throw new MailBackendException(BackendFailure.Unavailable, $"MailBackend '{name}' does not exist any more.");

    /// <summary>The running backend, seen from one mailbox.</summary>
    /// <param name="name">Name of the MailBackend.</param>
    /// <param name="mailbox">In lower case.</param>
    /// <exception cref="MailBackendException">The MailBackend does not exist any more.</exception>
    public IMailBackend At(string name, string mailbox) => registry.Get(Get(name), mailbox);

    /// <summary>The running backend, seen from the mailbox of a device.</summary>
    /// <inheritdoc cref="At(string, string)"/>
    public IMailBackend At(string name, MailDevice device) => At(name, MailboxAddress.Normalize(device.Spec.Mailbox));

    /// <summary>
    /// The MailBackend of this name with its running backend, to end passwords there. Other settings may be wrong.
    /// </summary>
    /// <exception cref="MailBackendException">It does not exist, or its driver's settings are wrong.</exception>
    public (MailBackendSpec Spec, IMailBackend At) Usable(string name, MailDevice device) =>
        backends.Find(new ObjectKey("", name)) is { } backend && BackendValidator.CanEnd(backend, registry)
            ? (backend.Spec, registry.Get(backend, MailboxAddress.Normalize(device.Spec.Mailbox)))
            : throw new MailBackendException(
                BackendFailure.Unavailable,
                $"MailBackend '{name}' does not exist or cannot be used; create or correct it.");

    /// <summary>
    /// How long mail servers may accept an ended password before they are told; null if none is told. Where the list of
    /// servers cannot be read, somebody is to be told: the end is then not complete.
    /// </summary>
    public static TimeSpan? DelayOf(MailBackend backend, IMailBackend at) =>
        IMailServers.AreTold(backend.Spec) || !backend.IsReadable("spec.dovecot") ? at.PropagationDelay : null;

    /// <summary>Where a deleted device may have slots.</summary>
    /// <inheritdoc cref="BackendSelection.NamesForRevocation"/>
    public string[] NamesForRevocation(MailDevice device) => [.. BackendSelection.NamesForRevocation(device, backends)];

    /// <summary>Takes a password that nobody asked for out of the budgets.</summary>
    /// <param name="device">The device that is to have it.</param>
    /// <param name="name">Name of its MailBackend.</param>
    /// <param name="isScheduled">Its interval is over; otherwise it replaces one that was tampered with.</param>
    /// <exception cref="MailBackendException">A budget is used up: try again later.</exception>
    public void TakeUnasked(MailDevice device, string name, bool isScheduled)
    {
        try
        {
            unasked.Take(
                new UnaskedRequest(name, device.Metadata.NamespaceProperty, device.Metadata.Uid, isScheduled),
                Get(name).Spec.MaxRotationsPerMinute ?? UnaskedBudget.DefaultPerMinute);
        }
        catch (MailBackendException e) when (e.Failure is BackendFailure.Busy)
        {
            metrics.RotationHeld(name);
            throw;
        }
    }

    /// <summary>Counts a replacement that was made, so that a device that needs ever more of them backs off.</summary>
    public void CountReplacement(MailDevice device) => unasked.Replaced(device.Metadata.Uid);
}
