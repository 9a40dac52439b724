using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.PasswdFile;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.Reporting;
using MailOperator.Tests;

namespace MailOperator.UnitTests.MailBackends;

public sealed class BackendSelectionTests
{
    private static readonly DateTime Day = new(2026, 11, 1, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("named", "bound", "named")]
    [InlineData(null, "bound", "bound")] // it stays with its credential, even if another becomes the default
    [InlineData("", "bound", "bound")]
    [InlineData(null, null, "default")]
    [InlineData("", "", "default")]
    public void NameFor_Device_IsNamedThenBoundThenTheDefault(string? named, string? bound, string expected) =>
        Assert.Equal(expected, BackendSelection.NameFor(
            Device(named, bound), Store(Backend("default", "true", 1), Backend("named"), Backend("bound"))));

    [Fact]
    public void NameFor_NamedOneThatDoesNotExist_IsNotReplacedByTheDefault() =>
        // Mutant: fall back to the default. A typing error would put the credential in another backend.
        Assert.Equal("typo", BackendSelection.NameFor(Device("typo", null), Store(Backend("default", "true", 1))));

    [Fact]
    public async Task TryFind_BackendThatCanBeUsed_IsFound()
    {
        await using BackendRegistry registry = Registry();
        MailBackend backend = Backend("named");

        Assert.True(BackendSelection.TryFind(
            Device("named", "named"), Store(backend), registry, out MailBackend? found, out SpecProblem? problem));
        Assert.Same(backend, found);
        Assert.Null(problem);
    }

    [Theory]
    [InlineData(null, null, Reasons.BackendUnavailable, "no MailBackend is the default")]
    [InlineData("gone", null, Reasons.BackendUnavailable, "MailBackend 'gone' does not exist")]
    [InlineData("named", "bound", Reasons.InvalidSpec, "names 'named' and the credential is at 'bound'")]
    // Creating it would not help.
    [InlineData("gone", "bound", Reasons.InvalidSpec, "names 'gone' and the credential is at 'bound'")]
    [InlineData(
        "broken", null, Reasons.BackendUnavailable,
        "MailBackend 'broken' cannot be used: spec.passwdFile cannot be read")]
    [InlineData(
        "empty", null, Reasons.BackendUnavailable, "MailBackend 'empty' cannot be used: spec must hold exactly one")]
    public async Task TryFind_BackendThatCannotBeUsed_ReportsTheProblem(
        string? named, string? bound, string reason, string message)
    {
        await using BackendRegistry registry = Registry();
        MailBackend broken = Backend("broken"), empty = Backend("empty");
        broken.Unreadable = ["spec.passwdFile.loginLog"]; // half of the settings may lead to another store
        empty.Spec = new MailBackendSpec();

        Assert.False(BackendSelection.TryFind(
            Device(named, bound), Store(Backend("named"), broken, empty), registry, out _, out SpecProblem? problem));
        Assert.Equal(reason, problem.Reason);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DefaultName_None_IsNone()
    {
        Assert.Null(BackendSelection.DefaultName(Store()));
        Assert.Null(BackendSelection.DefaultName(
            Store(Backend("a"), Backend("b", "false", 1), Backend("c", "True", 1), Backend("d", "", 1))));
    }

    [Fact]
    public void DefaultName_Several_IsTheOldestThenTheFirstByName()
    {
        Assert.Equal("z", BackendSelection.DefaultName(
            Store(Backend("a", "true", 3), Backend("z", "true", 1), Backend("b", "true", 2))));
        Assert.Equal("B", BackendSelection.DefaultName(
            Store(Backend("c", "true", 1), Backend("a", "true", 1), Backend("B", "true", 1))));
    }

    [Theory]
    // Both: spec may name another one while the credential is still at the first.
    [InlineData("named", "bound", "named,bound")]
    [InlineData("bound", "bound", "bound")]
    [InlineData("named", null, "named")]
    [InlineData(null, "bound", "bound")]
    [InlineData("gone", null, "gone")] // the backend may be missing while the slots still exist
    [InlineData(null, null, "a,b")]
    [InlineData("", "", "a,b")]
    public void NamesForRevocation_Device_AreAllWhereItMayHaveSlots(string? named, string? bound, string expected) =>
        Assert.Equal(
            expected.Split(','),
            BackendSelection.NamesForRevocation(Device(named, bound), Store(Backend("a"), Backend("b")))
                .OrderBy(name => Array.IndexOf(expected.Split(','), name)));

    [Fact]
    public void NamesForRevocation_NothingKnownAndNoBackend_AreNone() =>
        Assert.Empty(BackendSelection.NamesForRevocation(Device(null, null), Store()));

    private static MailDevice Device(string? named, string? bound) => new()
    {
        Metadata = new() { Name = "grafana", NamespaceProperty = "shop" },
        Spec = new MailDeviceSpec { BackendRef = named is null ? null : new ObjectReference { Name = named } },
        Status = bound is null ? null : new MailDeviceStatus { Backend = bound },
    };

    private static MailBackend Backend(string name, string? isDefault = null, int day = 0) => new()
    {
        Metadata = new()
        {
            Name = name,
            CreationTimestamp = Day.AddDays(day),
            Annotations = isDefault is null
                ? null
                : new Dictionary<string, string> { [Annotations.IsDefaultBackend] = isDefault },
        },
        Spec = new MailBackendSpec { PasswdFile = new PasswdFileSpec { Path = "/mail/app-passwords" } },
    };

    private static BackendRegistry Registry() =>
        new(
            [new PasswdFileDriver(null!, null!, TimeProvider.System)],
            workers: 1,
            NoMetrics.OfBackends,
            TimeProvider.System);

    private static ObjectStore<MailBackend> Store(params MailBackend[] backends)
    {
        var store = new ObjectStore<MailBackend>();
        foreach (MailBackend backend in backends)
        {
            store.Put(backend);
        }

        return store;
    }
}
