using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.PasswdFile;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>A mail system's store of credentials, which outlives every process.</summary>
internal sealed class SlotStore
{
    private readonly SortedDictionary<string, Slot> _slots = new(StringComparer.Ordinal);

    /// <summary>Called after every change.</summary>
    public Action Changed { get; set; } = static () => { };

    /// <summary>Every selector that was ever pushed.</summary>
    public HashSet<string> Selectors { get; } = [];

    /// <summary>Says that it has removed slots, and has not.</summary>
    public bool IsLying { get; set; }

    public IReadOnlyList<Slot> All => [.. _slots.Values];

    public IReadOnlyList<Slot> Of(SlotOwner owner) => [.. _slots.Values.Where(slot => slot.Owner == owner)];

    public void Apply(SlotChange change)
    {
        foreach (string selector in IsLying ? [] : change.Remove)
        {
            _slots.Remove($"{change.Owner} {selector}");
        }

        foreach (Slot slot in change.Put)
        {
            _slots[$"{slot.Owner} {slot.Selector}"] = slot;
            Selectors.Add(slot.Selector);
        }

        Changed();
    }

    public void Remove(SlotOwner owner) => Apply(new SlotChange(owner, [], [.. Of(owner).Select(static slot => slot.Selector)]));
}

/// <summary>One process's way to the store.</summary>
internal sealed class MemoryMailBackend(SlotStore store, Wire wire, Transcript transcript) : IMailBackend
{
    public BackendCapabilities Capabilities =>
        BackendCapabilities.Hash | BackendCapabilities.Overlap | BackendCapabilities.Protocols | BackendCapabilities.SendRight
        | BackendCapabilities.Networks | BackendCapabilities.List | BackendCapabilities.ChosenPassword;

    public TimeSpan SettleTime => MailServerModel.SettleTime;

    public Task<IReadOnlyList<Slot>> ListAsync(SlotOwner owner, CancellationToken cancellationToken) =>
        CallAsync("backend list", isWrite: false, () => store.Of(owner));

    public Task<IReadOnlyList<Slot>> ListAllAsync(string instance, CancellationToken cancellationToken) =>
        CallAsync("backend list all", isWrite: false, () => store.All);

    public Task ApplyAsync(SlotChange change, CancellationToken cancellationToken)
    {
        transcript.Add(string.Join(' ', change.Put));
        return CallAsync($"backend apply +{change.Put.Length} -{change.Remove.Length}", isWrite: true, () =>
        {
            store.Apply(change);
            return true;
        });
    }

    public Task RemoveAsync(SlotOwner owner, CancellationToken cancellationToken) => CallAsync("backend remove all", isWrite: true, () =>
    {
        store.Remove(owner);
        return true;
    });

    private Task<T> CallAsync<T>(string what, bool isWrite, Func<T> call) =>
        wire.CallAsync(what, isWrite, call, static () => new MailBackendException(BackendFailure.Unavailable, "The mail system hung up."));
}

/// <summary>Stands for the passwd-file driver.</summary>
internal sealed class MemoryDriver(SlotStore store, Wire wire, Transcript transcript) : IMailBackendDriver
{
    public object? SpecOf(MailBackendSpec spec) => spec.PasswdFile;

    public IEnumerable<string> Validate(MailBackendSpec spec) => new PasswdFileDriver(null!, TimeProvider.System).Validate(spec); // asks no server

    public IMailBackend Create(MailBackendSpec spec) => new MemoryMailBackend(store, wire, transcript);
}
