using System.Reflection;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.IntegrationTests.Bed;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>
/// What every driver must do at its real server. Mutants: a driver that loses a restriction, replaces a slot of another
/// owner, makes a partial change, or completes before the server confirms. What the mail servers then accept is tested
/// by logins, in <see cref="Servers"/>.
/// </summary>
public abstract partial class BackendConformance : IAsyncLifetime
{
    private static readonly Dictionary<ConformanceCase, BackendCapabilities> Needed = new()
    {
        [ConformanceCase.Rotate] = BackendCapabilities.Overlap,
        [ConformanceCase.Scope] = BackendCapabilities.Protocols,
        [ConformanceCase.Expire] = BackendCapabilities.Expiry,
        [ConformanceCase.Sweep] = BackendCapabilities.List,
    };

    private readonly List<IMailBackend> _made = [];

    internal static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Cases that do not apply to this driver, and why.</summary>
    internal virtual IReadOnlyDictionary<ConformanceCase, string> Lacking { get; } =
        new Dictionary<ConformanceCase, string>();

    /// <summary>An owner of this test alone, so that tests can share a server.</summary>
    internal SlotOwner Owner { get; } = TestSlot.NewOwner();

    internal SlotOwner Other => Owner with { DeviceUid = "other" };

    /// <summary>The driver, connected through the faulty route.</summary>
    internal IMailBackend Backend { get; private set; } = null!;

    /// <summary>Injects faults into the server, or the route to it.</summary>
    internal abstract ITrouble Trouble { get; }

    public async ValueTask InitializeAsync()
    {
        // Skips before anything is started, because nothing is disposed if this method fails.
        string name = TestContext.Current.TestMethod?.MethodName.Split('_')[0] ?? "";
        if (Enum.TryParse(name, out ConformanceCase tried) && Lacking.TryGetValue(tried, out string? why))
        {
            Assert.Skip(why);
        }

        await StartAsync();
        Backend = Make();
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (IMailBackend made in _made)
        {
            if (made is IAsyncDisposable disposable)
            {
                await disposable.DisposeAsync();
            }
        }

        if (Trouble is { } trouble)
        {
            await trouble.DisposeAsync();
        }
    }

    [Fact]
    public void Suite_OfThisDriver_HasEveryCaseButThoseThatItSaysWhyNot()
    {
        // Mutants: a case is dropped silently; a driver omits what its capabilities promise.
        HashSet<string> tried = [.. GetType().GetMethods()
            .Where(static method => method.GetCustomAttributes<FactAttribute>(inherit: true).Any())
            .Select(static method => method.Name.Split('_')[0])];

        Assert.Empty(Enum.GetNames<ConformanceCase>().Except(tried));
        Assert.All(Lacking.Values, static why => Assert.InRange(why.Length, 30, 200));
        Assert.All(
            Needed,
            needed => Assert.Equal(!Backend.Capabilities.HasFlag(needed.Value), Lacking.ContainsKey(needed.Key)));
        Assert.All(
            Lacking.Keys.Where(static lacking => lacking == ConformanceCase.Suspend),
            _ => Assert.NotNull(Backend.Issuer!.Unsupported(
                // Refused, and not ignored.
                Plain with { IsSuspended = true }, new DeviceDescription(DeviceType.Other, User: null, UserId: null))));
    }

    protected abstract Task StartAsync();

    /// <summary>Restarts the server with its data.</summary>
    protected abstract Task RestartServerAsync();

    /// <summary>Makes the server refuse the operator's credentials.</summary>
    protected abstract Task LockOutAsync();

    protected abstract Task LetInAsync();

    /// <summary>A driver that is connected through the faulty route.</summary>
    internal abstract IMailBackend Create();

    /// <summary>A driver that is connected directly.</summary>
    internal abstract IMailBackend CreateAside();

    /// <summary>Prepares the server so that it always refuses a slot; returns the slot.</summary>
    internal abstract Task<Slot> UnacceptableAsync();

    /// <summary>Changes a device's slots as the operator does.</summary>
    internal abstract Task ChangeAsync(IMailBackend backend, SlotChange change);

    /// <summary>A backend of another process at the same server.</summary>
    internal IMailBackend Make() => Keep(Create());

    /// <summary>A backend that no fault affects.</summary>
    internal IMailBackend MakeAside() => Keep(CreateAside());

    /// <summary>Disposes the backend after the test.</summary>
    internal IMailBackend Keep(IMailBackend made)
    {
        _made.Add(made);
        return made;
    }

    internal Task PutAsync(params Slot[] slots) => ChangeAsync(Backend, new SlotChange(slots[0].Owner, [.. slots], []));

    internal SlotOwner Device(int number) => Owner with { DeviceUid = $"device-{number}" };

    internal static SlotRestrictions Plain => TestSlot.Plain;

    internal virtual Slot Slot(string selector) => TestSlot.Of(Owner, selector);

    internal static async Task ListedAsync(IMailBackend backend, SlotOwner owner, params Slot[] expected) =>
        Assert.Equal(Sorted(expected), Sorted(await backend.ListAsync(owner, Token)));

    internal static IOrderedEnumerable<Slot> Sorted(IEnumerable<Slot> slots) =>
        slots.OrderBy(static slot => slot.Selector, StringComparer.Ordinal);
}
