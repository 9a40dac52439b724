namespace MailOperator.Backends.Infomaniak;

/// <summary>
/// A mail service of Infomaniak. The API lists one mailbox at a time, so only a mailbox can list slots.
/// </summary>
internal sealed class InfomaniakBackend(InfomaniakApi api, long serviceId) : IPerMailboxBackend, IAsyncDisposable
{
    public const BackendCapabilities Offered =
        BackendCapabilities.Overlap | BackendCapabilities.Protocols | BackendCapabilities.LastUse;

    /// <summary>Not documented: a generous guess for changes that the API has confirmed.</summary>
    public static readonly TimeSpan ChangesSettleIn = TimeSpan.FromSeconds(30);

    private readonly InfomaniakIssuer _issuer = new(api, serviceId);

    public BackendCapabilities DeclaredCapabilities => Offered;

    public IPasswordIssuer? Issuer => _issuer;

    public IDeviceUses? Uses => null;

    public TimeSpan PropagationDelay => ChangesSettleIn;

    public IMailBackend For(string mailbox) => new InfomaniakMailbox(api, _issuer, mailbox);

    /// <summary>
    /// Only checks whether the token may use the API: without <see cref="BackendCapabilities.List"/> the result is not
    /// a list.
    /// </summary>
    public async Task<IReadOnlyList<Slot>> ListAllAsync(string instance, CancellationToken cancellationToken)
    {
        await api.ProbeAsync(cancellationToken);
        return [];
    }

    public Task<IReadOnlyList<Slot>> ListAsync(SlotOwner owner, CancellationToken cancellationToken) =>
        throw NoMailbox();

    public Task ApplyAsync(SlotChange change, CancellationToken cancellationToken) => throw NoMailbox();

    public Task RemoveAsync(SlotOwner owner, CancellationToken cancellationToken) => throw NoMailbox();

    public ValueTask DisposeAsync()
    {
        api.Dispose();
        return ValueTask.CompletedTask;
    }

    private static InvalidOperationException NoMailbox() =>
        new("This backend can only list and change one mailbox at a time.");
}
