using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Tests;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Backends;

public sealed class BackendRegistryTests
{
    private static readonly SlotOwner Owner = new("cluster", "uid");

    private readonly FakeTimeProvider _clock = new();
    private readonly CountingDriver _driver = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Validate_NoDriverOrTwo_SaysWhatThereIs()
    {
        Assert.Contains("exactly one", Assert.Single(Registry().Validate(new MailBackendSpec())));
        Assert.Contains(
            "exactly one", Assert.Single(Registry(_driver, new CountingDriver()).Validate(Backend("a", "/a").Spec)));
    }

    [Fact]
    public void Validate_OneDriver_AsksIt() =>
        Assert.Equal(["not /bad"], Registry().Validate(Backend("a", "/bad").Spec));

    [Fact]
    public void Get_SameSettings_IsTheSameBackend()
    {
        BackendRegistry registry = Registry();
        MailBackend other = Backend("a", "/a");
        other.Spec.Grants = [new GrantSpec { Mailboxes = ["*@example.com"] }];
        other.Spec.MaxRotationsPerMinute = 1;

        // A change outside of the driver's spec must not break its calls under way.
        Assert.Same(registry.Get(Backend("a", "/a")), registry.Get(other));
        Assert.Single(_driver.Made);
    }

    [Fact]
    public async Task Get_OtherSettings_IsAnotherBackendAndTheOldOneEnds()
    {
        BackendRegistry registry = Registry();
        IMailBackend before = registry.Get(Backend("a", "/a"));

        IMailBackend after = registry.Get(Backend("a", "/b"));

        Assert.NotSame(before, after);
        Assert.Same(after, registry.Get(Backend("a", "/b")));
        await after.ListAsync(Owner, Token);
        Assert.Equal([true, false], _driver.Made.Select(made => made.IsDisposed));
    }

    [Fact]
    public void Get_SameSettingsUnderTwoNames_AreTwoBackends()
    {
        BackendRegistry registry = Registry();

        Assert.NotSame(registry.Get(Backend("a", "/a")), registry.Get(Backend("b", "/a")));
    }

    [Fact]
    public async Task Get_ByManyAtOnce_MakesOne()
    {
        // Two backends would both own the file.
        BackendRegistry registry = Registry();
        using var start = new Barrier(8);
        IMailBackend[] got = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait(Token);
                return registry.Get(Backend("a", "/a"));
            },
            Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        Assert.Single(got.Distinct());
        Assert.Single(_driver.Made);
    }

    [Fact]
    public void Remove_Backend_EndsItAndALaterOneIsNew()
    {
        BackendRegistry registry = Registry();
        IMailBackend before = registry.Get(Backend("a", "/a"));

        registry.Remove("a");
        registry.Remove("never seen");

        Assert.True(Assert.Single(_driver.Made).IsDisposed);
        Assert.NotSame(before, registry.Get(Backend("a", "/a")));
    }

    [Fact]
    public async Task Dispose_EndsEveryBackend()
    {
        BackendRegistry registry = Registry();
        registry.Get(Backend("a", "/a"));
        registry.Get(Backend("b", "/b"));

        await registry.DisposeAsync();

        Assert.All(_driver.Made, made => Assert.True(made.IsDisposed));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 3)]
    [InlineData(16, 12)]
    public async Task Get_OneBackendHangs_LeavesWorkersForTheOthers(int workers, int allowed)
    {
        var registry = new BackendRegistry([_driver], workers, NoMetrics.OfBackends, _clock);
        IMailBackend hanging = registry.Get(Backend("a", "/a"));
        _driver.Made[0].Answer = new TaskCompletionSource<IReadOnlyList<Slot>>().Task;
        Task[] calls = [.. Enumerable.Range(0, allowed).Select(_ => hanging.ListAsync(Owner, Token))];

        MailBackendException busy = await Assert.ThrowsAsync<MailBackendException>(
            () => hanging.ListAsync(Owner, Token));

        Assert.Equal(BackendFailure.Busy, busy.Failure);
        Assert.All(calls, call => Assert.False(call.IsCompleted));
        Assert.Empty(await registry.Get(Backend("b", "/b")).ListAsync(Owner, Token));
    }

    private BackendRegistry Registry(params CountingDriver[] drivers) =>
        new(drivers is [] ? [_driver] : drivers, workers: 4, NoMetrics.OfBackends, _clock);

    private static MailBackend Backend(string name, string path) => new()
    {
        Metadata = new() { Name = name },
        Spec = new MailBackendSpec { PasswdFile = new PasswdFileSpec { Path = path } },
    };

    private sealed class CountingDriver : IMailBackendDriver
    {
        public List<MadeBackend> Made { get; } = [];

        public string Key => "passwdFile";

        public ClientSpec? PublicClient => null;

        public object? SpecOf(MailBackendSpec spec) => spec.PasswdFile;

        public IEnumerable<string> Validate(MailBackendSpec spec) =>
            spec.PasswdFile!.Path == "/bad" ? ["not /bad"] : [];

        public IMailBackend Create(MailBackendSpec spec)
        {
            Made.Add(new MadeBackend());
            return Made[^1];
        }
    }

    private sealed class MadeBackend : IMailBackend, IAsyncDisposable
    {
        public bool IsDisposed { get; private set; }

        public Task<IReadOnlyList<Slot>> Answer { get; set; } = Task.FromResult<IReadOnlyList<Slot>>([]);

        public TimeSpan PropagationDelay => TimeSpan.Zero;

        public BackendCapabilities DeclaredCapabilities => BackendCapabilities.None;

        public IPasswordIssuer? Issuer => null;

        public IDeviceUses? Uses => null;

        public Task<IReadOnlyList<Slot>> ListAsync(SlotOwner owner, CancellationToken cancellationToken) => Answer;

        public Task<IReadOnlyList<Slot>> ListAllAsync(string instance, CancellationToken cancellationToken) => Answer;

        public Task ApplyAsync(SlotChange change, CancellationToken cancellationToken) => Answer;

        public Task RemoveAsync(SlotOwner owner, CancellationToken cancellationToken) => Answer;

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
