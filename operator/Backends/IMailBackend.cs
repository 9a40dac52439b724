namespace MailOperator.Backends;

/// <summary>
/// A mail system's store of credentials. It reports and stores, and makes no decisions. Every call is idempotent, ends
/// by the token's deadline, and fails only with <see cref="MailBackendException"/>. Removing what is not there
/// succeeds.
/// </summary>
internal interface IMailBackend
{
    /// <summary>
    /// What it can do, without what <see cref="Issuer"/> and <see cref="Uses"/> already say: see
    /// <see cref="MailBackendExtensions"/> for all of it.
    /// </summary>
    BackendCapabilities DeclaredCapabilities { get; }

    /// <summary>
    /// Makes the passwords; null if the mail system takes hashes of passwords made by the operator or by people.
    /// </summary>
    IPasswordIssuer? Issuer { get; }

    /// <summary>Tells the logins of devices; null if it does not, or tells them with each slot.</summary>
    IDeviceUses? Uses { get; }

    /// <summary>How long after a change a mail server may still use the old state.</summary>
    TimeSpan PropagationDelay { get; }

    /// <summary>Slots of one device, as they are now.</summary>
    Task<IReadOnlyList<Slot>> ListAsync(SlotOwner owner, CancellationToken cancellationToken);

    /// <summary>
    /// Slots of every device of this instance, as they are now, in one listing. Without the capability
    /// <see cref="BackendCapabilities.List"/> it only checks that the mail system answers.
    /// </summary>
    Task<IReadOnlyList<Slot>> ListAllAsync(string instance, CancellationToken cancellationToken);

    /// <summary>
    /// Whether it would take a change now, cheaply and without leaving a trace. A mail system that cannot be asked that
    /// is taken for one that would.
    /// </summary>
    Task CheckWritableAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Puts and removes slots of one device, atomically. An existing slot is replaced. Completes once every mail server
    /// must know the added slots, as far as the backend can tell.
    /// </summary>
    Task ApplyAsync(SlotChange change, CancellationToken cancellationToken);

    /// <summary>Removes every slot of a device; completes once the backend holds none.</summary>
    Task RemoveAsync(SlotOwner owner, CancellationToken cancellationToken);
}
