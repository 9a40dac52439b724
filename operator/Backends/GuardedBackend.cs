namespace MailOperator.Backends;

/// <summary>A backend behind its <see cref="BackendGuard"/>.</summary>
internal sealed class GuardedBackend : IMailBackend
{
    private readonly IMailBackend _backend;
    private readonly BackendGuard _guard;

    public GuardedBackend(
        string name, IMailBackend backend, int maxConcurrentCalls, BackendMetrics metrics, TimeProvider clock)
        : this(backend, new BackendGuard(name, maxConcurrentCalls, metrics.Of(name), clock))
    {
    }

    private GuardedBackend(IMailBackend backend, BackendGuard guard) => (_backend, _guard) = (backend, guard);

    public BackendCapabilities DeclaredCapabilities => _backend.DeclaredCapabilities;

    public IPasswordIssuer? Issuer => _backend.Issuer is { } issuer ? new GuardedIssuer(issuer, _guard) : null;

    // Not guarded: it reads what the mail system left behind, and does not call it.
    public IDeviceUses? Uses => _backend.Uses;

    public TimeSpan PropagationDelay => _backend.PropagationDelay;

    /// <summary>The backend for one mailbox, behind the same guard.</summary>
    public GuardedBackend For(string mailbox) =>
        _backend is IPerMailboxBackend perMailbox ? new GuardedBackend(perMailbox.For(mailbox), _guard) : this;

    public Task<IReadOnlyList<Slot>> ListAsync(SlotOwner owner, CancellationToken cancellationToken) =>
        CallAsync(token => _backend.ListAsync(owner, token), isBeginning: true, cancellationToken);

    public Task<IReadOnlyList<Slot>> ListAllAsync(string instance, CancellationToken cancellationToken) =>
        CallAsync(token => _backend.ListAllAsync(instance, token), isBeginning: true, cancellationToken);

    public Task CheckWritableAsync(CancellationToken cancellationToken) =>
        CallAsync(token => Completed(_backend.CheckWritableAsync(token)), isBeginning: true, cancellationToken);

    public Task ApplyAsync(SlotChange change, CancellationToken cancellationToken) =>
        CallAsync(token => Completed(_backend.ApplyAsync(change, token)), isBeginning: false, cancellationToken);

    public Task RemoveAsync(SlotOwner owner, CancellationToken cancellationToken) =>
        CallAsync(token => Completed(_backend.RemoveAsync(owner, token)), isBeginning: false, cancellationToken);

    private static async Task<bool> Completed(Task call)
    {
        await call;
        return true;
    }

    private Task<TResult> CallAsync<TResult>(
        Func<CancellationToken, Task<TResult>> call, bool isBeginning, CancellationToken cancellationToken) =>
        _guard.CallAsync(call, isBeginning, cancellationToken);
}
