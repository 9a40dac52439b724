using System.Reflection;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.IntegrationTests.Bed;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>
/// What every driver must do at its real server. Mutants: a driver that forgets a restriction on the way, replaces what is
/// another's, does half a change, or says that it is done before the server says so. What the mail servers then let in is
/// tried with their logins, in <see cref="Servers"/>.
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

    /// <summary>Cases that this driver cannot have, and why.</summary>
    internal virtual IReadOnlyDictionary<ConformanceCase, string> Lacking { get; } = new Dictionary<ConformanceCase, string>();

    /// <summary>Owners of this test alone, so that tests share a server.</summary>
    internal SlotOwner Owner { get; } = TestSlot.NewOwner();

    internal SlotOwner Other => Owner with { DeviceUid = "other" };

    /// <summary>The driver, on the way where trouble is.</summary>
    internal IMailBackend Backend { get; private set; } = null!;

    /// <summary>Of the server, or of the way to it.</summary>
    internal abstract ITrouble Trouble { get; }

    public async ValueTask InitializeAsync()
    {
        // Before anything is started: nothing is disposed of where this does not come to its end.
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
        // Mutants: a case is dropped in silence; a driver leaves out what its capabilities promise.
        HashSet<string> tried = [.. GetType().GetMethods()
            .Where(static method => method.GetCustomAttributes<FactAttribute>(inherit: true).Any()).Select(static method => method.Name.Split('_')[0])];

        Assert.Empty(Enum.GetNames<ConformanceCase>().Except(tried));
        Assert.All(Lacking.Values, static why => Assert.InRange(why.Length, 30, 200));
        Assert.All(Needed, needed => Assert.Equal(!Backend.Capabilities.HasFlag(needed.Value), Lacking.ContainsKey(needed.Key)));
        Assert.All(
            Lacking.Keys.Where(static lacking => lacking == ConformanceCase.Suspend),
            _ => Assert.NotNull(Backend.Issuer!.Unsupported(
                Plain with { IsSuspended = true }, new DeviceDescription(DeviceType.Other, User: null, UserId: null)))); // refused, and not ignored
    }

    protected abstract Task StartAsync();

    /// <summary>The server is started again, with what it holds.</summary>
    protected abstract Task RestartServerAsync();

    /// <summary>Has the server refuse the operator, or has the operator come with what is refused.</summary>
    protected abstract Task LockOutAsync();

    protected abstract Task LetInAsync();

    /// <summary>The driver, by the way where trouble is.</summary>
    internal abstract IMailBackend Create();

    /// <summary>The driver, by a way of its own.</summary>
    internal abstract IMailBackend CreateAside();

    /// <summary>Sees to it that a slot is one that the server says no to, however often it is asked; returns the slot.</summary>
    internal abstract Task<Slot> UnacceptableAsync();

    /// <summary>One change of a device, made as the operator makes it.</summary>
    internal abstract Task ChangeAsync(IMailBackend backend, SlotChange change);

    /// <summary>Another process's way to the same server.</summary>
    internal IMailBackend Make() => Keep(Create());

    /// <summary>Looks at the server past all trouble.</summary>
    internal IMailBackend MakeAside() => Keep(CreateAside());

    /// <summary>Disposes of it after the test.</summary>
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

    internal static IOrderedEnumerable<Slot> Sorted(IEnumerable<Slot> slots) => slots.OrderBy(static slot => slot.Selector, StringComparer.Ordinal);
}
