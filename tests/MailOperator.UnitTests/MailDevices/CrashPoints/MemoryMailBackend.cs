using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Infomaniak;
using MailOperator.Backends.Ldap;
using MailOperator.Backends.PasswdFile;
using MailOperator.Backends.Sql;
using MailOperator.Backends.Webhook;
using MailOperator.Passwords;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>A mail system's store of credentials, which outlives every process.</summary>
internal sealed class SlotStore
{
    private readonly SortedDictionary<string, Slot> _slots = new(StringComparer.Ordinal);

    /// <summary>Called after every change.</summary>
    public Action Changed { get; set; } = static () => { };

    /// <summary>Every selector that was ever pushed.</summary>
    public HashSet<string> Selectors { get; } = [];

    /// <summary>Supports expiry: ends slots by itself.</summary>
    public bool SupportsExpiry { get; set; }

    /// <summary>
    /// Generates the passwords itself, cannot list all slots at once, and changes only the device name of a slot.
    /// </summary>
    public bool IsIssuing { get; set; }

    /// <summary>Reports slots as removed without removing them.</summary>
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

    public void Remove(SlotOwner owner) =>
        Apply(new SlotChange(owner, [], [.. Of(owner).Select(static slot => slot.Selector)]));
}

/// <summary>One process's connection to the store.</summary>
internal sealed class MemoryMailBackend(SlotStore store, Wire wire, Transcript transcript) : IMailBackend
{
    public BackendCapabilities DeclaredCapabilities => store.IsIssuing
        ? BackendCapabilities.Overlap | BackendCapabilities.Protocols
        : BackendCapabilities.Overlap | BackendCapabilities.Protocols | BackendCapabilities.SendRight
        | BackendCapabilities.Networks | BackendCapabilities.List | BackendCapabilities.ChosenPassword
        | (store.SupportsExpiry ? BackendCapabilities.Expiry : BackendCapabilities.None);

    public TimeSpan PropagationDelay => MailServerModel.PropagationDelay;

    public IPasswordIssuer? Issuer => store.IsIssuing ? new MemoryIssuer(store, wire) : null;

    public IDeviceUses? Uses => null;

    public Task<IReadOnlyList<Slot>> ListAsync(SlotOwner owner, CancellationToken cancellationToken) =>
        CallAsync("backend list", isWrite: false, () => Shown(store.Of(owner)));

    public Task<IReadOnlyList<Slot>> ListAllAsync(string instance, CancellationToken cancellationToken) =>
        CallAsync("backend list all", isWrite: false, () => store.IsIssuing ? [] : store.All);

    public Task ApplyAsync(SlotChange change, CancellationToken cancellationToken)
    {
        transcript.Add(string.Join(' ', change.Put));
        return CallAsync($"backend apply +{change.Put.Length} -{change.Remove.Length}", isWrite: true, () =>
        {
            store.Apply(store.IsIssuing ? change with { Put = [.. change.Put.Select(Renamed)] } : change);
            return true;
        });
    }

    public Task RemoveAsync(SlotOwner owner, CancellationToken cancellationToken) =>
        CallAsync("backend remove all", isWrite: true, () =>
        {
            store.Remove(owner);
            return true;
        });

    private IReadOnlyList<Slot> Shown(IReadOnlyList<Slot> slots) =>
        store.IsIssuing ? [.. slots.Select(static slot => slot with { Hash = "" })] : slots;

    private Slot Renamed(Slot wanted)
    {
        Slot stored = store.Of(wanted.Owner).Single(slot => slot.Selector == wanted.Selector);
        Assert.Equal(stored.Restrictions with { DeviceName = "" }, wanted.Restrictions with { DeviceName = "" });
        return stored with { Restrictions = wanted.Restrictions, IsRetained = wanted.IsRetained };
    }

    private Task<T> CallAsync<T>(string what, bool isWrite, Func<T> call) =>
        wire.CallAsync(what, isWrite, call, HungUp);

    internal static MailBackendException HungUp() => new(BackendFailure.Unavailable, "The mail system hung up.");
}

/// <summary>One process's connection to a store that generates passwords.</summary>
internal sealed class MemoryIssuer(SlotStore store, Wire wire) : IPasswordIssuer
{
    public string? Unsupported(SlotRestrictions restrictions, DeviceDescription device) => null;

    public Task<AppPassword> IssueAsync(Slot slot, CancellationToken cancellationToken) =>
        wire.CallAsync("backend issue", isWrite: true, () =>
        {
            AppPassword password = PasswordGenerator.Generate(
                PasswordGenerator.DefaultLength, PasswordAlphabet.Alphanumeric);
            store.Apply(new SlotChange(
                slot.Owner, [slot with { Hash = BCrypt.Net.BCrypt.HashPassword(password.Reveal(), 4) }], []));
            return password;
        }, MemoryMailBackend.HungUp);
}

/// <summary>Validates like a real driver, and keeps the slots in memory.</summary>
internal sealed class MemoryDriver(IMailBackendDriver driver, SlotStore store, Wire wire, Transcript transcript)
    : IMailBackendDriver
{
    /// <summary>One for each real driver. Validation calls no server.</summary>
    public static IMailBackendDriver[] All(SlotStore store, Wire wire, Transcript transcript)
    {
        IMailBackendDriver[] drivers =
        [
            new PasswdFileDriver(null!, null!, TimeProvider.System),
            new SqlDriver(null!),
            new LdapDriver(null!),
            new WebhookDriver(null!, TimeProvider.System),
            new InfomaniakDriver(null!, TimeProvider.System),
        ];
        return [.. drivers.Select(driver => new MemoryDriver(driver, store, wire, transcript))];
    }

    public string Key => driver.Key;

    public ClientSpec? PublicClient => driver.PublicClient;

    public object? SpecOf(MailBackendSpec spec) => driver.SpecOf(spec);

    public IEnumerable<string> Validate(MailBackendSpec spec) => driver.Validate(spec);

    public IMailBackend Create(MailBackendSpec spec) => new MemoryMailBackend(store, wire, transcript);
}
