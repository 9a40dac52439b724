using MailOperator.Api;
using MailOperator.Backends;

namespace MailOperator.UnitTests.MailDevices.Tenancy;

/// <summary>A mail system that records the calls for each device.</summary>
internal sealed class CountingBackend : IMailBackend, IMailBackendDriver
{
    private readonly List<Slot> _slots = [];
    private readonly List<string> _calls = [];

    public TimeSpan PropagationDelay => TimeSpan.Zero;

    public IPasswordIssuer? Issuer => null;

    public IDeviceUses? Uses => null;

    public BackendCapabilities DeclaredCapabilities =>
        BackendCapabilities.Overlap | BackendCapabilities.Protocols | BackendCapabilities.SendRight
        | BackendCapabilities.List;

    /// <summary>"list UID", "apply UID" and "remove UID" in their order, since the last <see cref="Forget"/>.</summary>
    public IReadOnlyList<string> Calls => _calls;

    public IReadOnlyList<Slot> Slots => _slots;

    public void Forget() => _calls.Clear();

    public Task<IReadOnlyList<Slot>> ListAsync(SlotOwner owner, CancellationToken cancellationToken)
    {
        _calls.Add($"list {owner.DeviceUid}");
        return Task.FromResult<IReadOnlyList<Slot>>([.. _slots.Where(slot => slot.Owner == owner)]);
    }

    public Task<IReadOnlyList<Slot>> ListAllAsync(string instance, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task ApplyAsync(SlotChange change, CancellationToken cancellationToken)
    {
        _calls.Add($"apply {change.Owner.DeviceUid}");
        _slots.RemoveAll(slot => slot.Owner == change.Owner
            && (change.Remove.Contains(slot.Selector) || change.Put.Any(put => put.Selector == slot.Selector)));
        _slots.AddRange(change.Put);
        return Task.CompletedTask;
    }

    public Task RemoveAsync(SlotOwner owner, CancellationToken cancellationToken)
    {
        _calls.Add($"remove {owner.DeviceUid}");
        _slots.RemoveAll(slot => slot.Owner == owner);
        return Task.CompletedTask;
    }

    public string Key => "passwdFile";

    public ClientSpec? PublicClient => null;

    public object? SpecOf(MailBackendSpec spec) => spec.PasswdFile;

    public IEnumerable<string> Validate(MailBackendSpec spec) => [];

    public IMailBackend Create(MailBackendSpec spec) => this;
}
