using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailDevices;

namespace MailOperator.UnitTests.MailDevices;

public sealed class BackendSelectionTests
{
    private static readonly DateTime Day = new(2026, 11, 1, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("named", "bound", "named")]
    [InlineData(null, "bound", "bound")] // it stays where its credential is, also when another becomes the default
    [InlineData("", "bound", "bound")]
    [InlineData(null, null, "default")]
    [InlineData("", "", "default")]
    public void NameFor_Device_IsNamedThenBoundThenTheDefault(string? named, string? bound, string expected) =>
        Assert.Equal(expected, BackendSelection.NameFor(Device(named, bound), Store(Backend("default", "true", 1), Backend("named"), Backend("bound"))));

    [Fact]
    public void NameFor_NamedOneThatDoesNotExist_IsNotReplacedByTheDefault() =>
        // Mutant: a typing error that puts the credential somewhere else.
        Assert.Equal("typo", BackendSelection.NameFor(Device("typo", null), Store(Backend("default", "true", 1))));

    [Fact]
    public void DefaultName_None_IsNone()
    {
        Assert.Null(BackendSelection.DefaultName(Store()));
        Assert.Null(BackendSelection.DefaultName(Store(Backend("a"), Backend("b", "false", 1), Backend("c", "True", 1), Backend("d", "", 1))));
    }

    [Fact]
    public void DefaultName_Several_IsTheOldestThenTheFirstByName()
    {
        Assert.Equal("z", BackendSelection.DefaultName(Store(Backend("a", "true", 3), Backend("z", "true", 1), Backend("b", "true", 2))));
        Assert.Equal("B", BackendSelection.DefaultName(Store(Backend("c", "true", 1), Backend("a", "true", 1), Backend("B", "true", 1))));
    }

    [Theory]
    [InlineData("named", "bound", "named,bound")] // both: it may have been moved while its credential was still at the first
    [InlineData("bound", "bound", "bound")]
    [InlineData("named", null, "named")]
    [InlineData(null, "bound", "bound")]
    [InlineData("gone", null, "gone")] // a backend that does not exist is no proof that nothing is there
    [InlineData(null, null, "a,b")]
    [InlineData("", "", "a,b")]
    public void NamesForRevocation_Device_AreAllWhereItMayHaveSlots(string? named, string? bound, string expected) =>
        Assert.Equal(
            expected.Split(','),
            BackendSelection.NamesForRevocation(Device(named, bound), Store(Backend("a"), Backend("b"))).OrderBy(name => Array.IndexOf(expected.Split(','), name)));

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
            Annotations = isDefault is null ? null : new Dictionary<string, string> { [Annotations.IsDefaultBackend] = isDefault },
        },
    };

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
