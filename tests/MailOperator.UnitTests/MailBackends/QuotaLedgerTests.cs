using System.Diagnostics;
using System.Globalization;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.UnitTests.MailDevices;

namespace MailOperator.UnitTests.MailBackends;

public sealed class QuotaLedgerTests
{
    private readonly QuotaLedger _quotas = new();
    private readonly List<ObjectKey> _requeued = [];
    private readonly ITestOutputHelper _output;
    private GrantSpec[] _grants = [PerMailbox(1)];

    public QuotaLedgerTests(ITestOutputHelper output)
    {
        _output = output;
        _quotas.Settle("dovecot", _quotas.Mark(), []);
        _quotas.PlaceFreed += _requeued.Add;
    }

    [Fact]
    public void TryAdmit_AskedInAnyOrder_TheOldestGetsThePlace()
    {
        // Mutant: first come, first served. The place would depend on which worker was faster.
        MailDevice old = Put("old", age: 2), young = Put("young", age: 1);

        Assert.False(Ask(young));
        Assert.True(Ask(old));
        Assert.False(Ask(young));
        Assert.True(Ask(old)); // and keeps it
    }

    [Theory]
    [InlineData("a/x", "b/a")]
    [InlineData("a/x", "a/y")]
    public void TryAdmit_OfTheSameAge_TheFirstByNameGetsThePlace(string first, string second)
    {
        MailDevice one = Put(first, age: 1), other = Put(second, age: 1);

        Assert.False(Ask(other));
        Assert.True(Ask(one));
    }

    [Fact]
    public void TryAdmit_MailboxInOtherCase_IsTheSameMailbox()
    {
        Ask(Put("one", age: 2, mailbox: "Alerts@example.com"));

        Assert.False(Ask(Put("two", age: 1, mailbox: "alerts@EXAMPLE.com")));
    }

    [Fact]
    public void TryAdmit_OtherMailboxOrOtherBackend_IsNotCounted()
    {
        Ask(Put("one", age: 3));
        _quotas.Put(Device("elsewhere", age: 3), "other");
        _quotas.Settle("other", _quotas.Mark(), []);

        Assert.True(Ask(Put("two", age: 2, mailbox: "b@example.com")));
        Assert.True(_quotas.TryAdmit(Device("elsewhere", age: 3), "other", _grants, _ => _grants));
    }

    [Fact]
    public void TryAdmit_NamespaceFull_IsRefusedForAnyMailbox()
    {
        _grants = [new GrantSpec { MaxDevicesPerNamespace = 1 }];
        Ask(Put("one", age: 2));

        Assert.False(Ask(Put("two", age: 1, mailbox: "b@example.com")));
        Assert.True(Ask(Put("bank/three", age: 1, mailbox: "b@example.com")));
    }

    [Fact]
    public void TryAdmit_OneOfSeveralGrantsHasRoom_IsAdmitted()
    {
        Ask(Put("one", age: 2));
        _grants = [PerMailbox(1), PerMailbox(2)];

        Assert.True(Ask(Put("two", age: 1)));
        Assert.False(Ask(Put("three", age: 1)));
    }

    [Fact]
    public void TryAdmit_OlderOneThatNoGrantAllows_IsNotWaitedFor()
    {
        // Mutant: count all devices. Anyone who may write MailDevices could use up the places of another team's
        // mailbox.
        MailDevice denied = Put("evil/denied", age: 9), allowed = Put("allowed", age: 1);

        Assert.True(_quotas.TryAdmit(allowed, "dovecot", _grants, device => device == denied ? [] : _grants));
    }

    [Fact]
    public void TryAdmit_OlderOneThatYielded_IsNotWaitedFor()
    {
        MailDevice broken = Put("broken", age: 9);
        _quotas.Yield(broken, "dovecot");

        Assert.True(Ask(Put("allowed", age: 1)));
        Assert.False(Ask(broken)); // the place is taken
    }

    [Fact]
    public void TryAdmit_OlderOneThatIsFullElsewhere_IsNotWaitedFor()
    {
        // Mutant: count every older device. The free place would stay empty, because the oldest cannot use it.
        _grants = [new GrantSpec { MaxDevicesPerMailbox = 1, MaxDevicesPerNamespace = 2 }];
        Ask(Put("has-it", age: 9));
        Assert.False(Ask(Put("same-mailbox", age: 8)));

        Assert.True(Ask(Put("other-mailbox", age: 1, mailbox: "b@example.com")));
    }

    [Fact]
    public void TryAdmit_FinalizerWrittenByHand_GivesNoPlaceAndTakesNone()
    {
        MailDevice real = Put("real", age: 1);
        Ask(real);
        MailDevice forged = Put("forged", age: 9, hasFinalizer: true);

        Assert.False(Ask(forged));
        _quotas.Release(real);
        _quotas.Remove(real.Key);
        Assert.True(Ask(Put("next", age: 10)));
    }

    [Fact]
    public void TryAdmit_AfterARestart_CountsThoseWithAFinalizerBeforeTheyAreLookedAt()
    {
        // Mutant: count only devices that were looked at. The first one after a restart would exceed the quota.
        Put("not-looked-at", age: 1, hasFinalizer: true);

        Assert.False(Ask(Put("older", age: 9)));
    }

    [Fact]
    public void Admit_MoreThanTheQuota_KeepsThemAllAndAdmitsNobody()
    {
        MailDevice[] two = [Put("one", age: 1, hasFinalizer: true), Put("two", age: 1, hasFinalizer: true)];
        Assert.All(two, device => _quotas.Admit(device, "dovecot")); // the quota was lowered

        Assert.False(Ask(Put("older", age: 9)));
        Assert.All(two, device => Assert.True(Ask(device)));
    }

    [Fact]
    public void Remove_OneThatHadAPlace_RequeuesTheOldestThatWait()
    {
        MailDevice holder = Put("holder", age: 9);
        Ask(holder);
        foreach (int number in Enumerable.Range(1, 9))
        {
            Assert.False(Ask(Put($"waits-{number}", age: number)));
        }

        _quotas.Release(holder);
        _quotas.Remove(holder.Key);

        Assert.Equal(
            ["shop/waits-6", "shop/waits-7", "shop/waits-8", "shop/waits-9"],
            _requeued.Select(static key => key.ToString()).Order(StringComparer.Ordinal));
        Assert.True(Ask(Device("waits-9", age: 9)));
    }

    [Fact]
    public void Remove_OneThatWaited_RequeuesNobody()
    {
        Ask(Put("holder", age: 9));
        Ask(Put("waits", age: 1));
        Ask(Put("gives-up", age: 1));

        _quotas.Remove(new ObjectKey("shop", "gives-up"));

        Assert.Empty(_requeued);
    }

    [Fact]
    public void Yield_OneWhoseGrantWasWithdrawn_FreesItsPlace()
    {
        MailDevice holder = Put("holder", age: 9);
        Ask(holder);
        MailDevice next = Put("next", age: 1);
        Ask(next);

        _quotas.Yield(holder, "dovecot");

        Assert.Equal([next.Key], _requeued);
        Assert.True(Ask(next));
    }

    [Fact]
    public void Put_StatusOrAnnotationsChanged_KeepsThePlace()
    {
        Ask(Put("holder", age: 1));
        Put("holder", age: 1); // its next version
        Put("holder", age: 1, hasFinalizer: true);

        Assert.False(Ask(Put("older", age: 9)));
        Assert.Empty(_requeued);
    }

    [Fact]
    public void Put_RecreatedUnderTheSameName_IsAnother()
    {
        Ask(Put("holder", age: 9));
        Ask(Put("next", age: 5));
        Put("holder", age: 1, uid: "another");

        Assert.Contains(new ObjectKey("shop", "next"), _requeued);
        Assert.True(Ask(Device("next", age: 5)));
    }

    [Fact]
    public void TryAdmit_TenThousandWithRoom_LooksAtNobodyElse()
    {
        // Mutant: look at every device for each device. A restart would cost the square of their number.
        _grants = [new GrantSpec { MaxDevicesPerMailbox = 20_000, MaxDevicesPerNamespace = 20_000 }];
        MailDevice[] devices =
            [.. Enumerable.Range(0, 10_000).Select(number => Put($"device-{number:D5}", age: number % 100))];
        int looks = 0;
        var clock = Stopwatch.StartNew();

        Assert.All(devices, device => Assert.True(_quotas.TryAdmit(device, "dovecot", _grants, _ =>
        {
            looks++;
            return _grants;
        })));

        Assert.Equal(0, looks);
        _output.WriteLine($"10,000 places given in {clock.ElapsedMilliseconds} ms");
        clock.Restart();
        Assert.All(devices, device => _quotas.Remove(device.Key));
        _output.WriteLine($"and left in {clock.ElapsedMilliseconds} ms");
    }

    [Fact]
    public void TryAdmit_TenThousandForHalfAsManyPlaces_GivesThemToTheOldest()
    {
        _grants = [new GrantSpec { Mailboxes = ["*@example.com"], MaxDevicesPerNamespace = 5_000 }];
        MailDevice[] devices =
            [.. Enumerable.Range(0, 10_000).Select(number => Put($"device-{number:D5}", age: 20_000 - number))];
        MailDevice[] shuffled = [.. devices];
        new Random(1).Shuffle(shuffled);
        var clock = Stopwatch.StartNew();

        HashSet<MailDevice> admitted = [.. shuffled.Where(Ask), .. shuffled.Where(Ask)];

        _output.WriteLine($"10,000 devices asked twice for 5,000 places in {clock.ElapsedMilliseconds} ms");
        Assert.Equal(
            devices[..5_000].Select(static device => device.Key.Name),
            admitted.Select(static device => device.Key.Name).Order(StringComparer.Ordinal));
    }

    private bool Ask(MailDevice device) => _quotas.TryAdmit(device, "dovecot", _grants, _ => _grants);

    private MailDevice Put(
        string name, int age, string mailbox = "alerts@example.com", bool hasFinalizer = false, string? uid = null)
    {
        MailDevice device = Device(name, age, mailbox, hasFinalizer, uid);
        _quotas.Put(device, "dovecot");
        return device;
    }

    private static MailDevice Device(
        string name, int age, string mailbox = "alerts@example.com", bool hasFinalizer = false, string? uid = null) =>
        new()
        {
            Metadata = new()
            {
                Name = name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..],
                NamespaceProperty = name.Contains('/', StringComparison.Ordinal)
                    ? name[..name.IndexOf('/', StringComparison.Ordinal)]
                    : "shop",
                Uid = uid ?? string.Create(CultureInfo.InvariantCulture, $"uid-{name}"),
                CreationTimestamp = Snapshots.Now.AddMinutes(-age).UtcDateTime,
                Finalizers = hasFinalizer ? [Finalizers.Revocation] : null,
            },
            Spec = new MailDeviceSpec { Mailbox = mailbox },
        };

    private static GrantSpec PerMailbox(int max) => new() { MaxDevicesPerMailbox = max };
}
