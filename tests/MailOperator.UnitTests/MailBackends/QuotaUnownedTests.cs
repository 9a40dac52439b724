using CsCheck;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.UnitTests.MailDevices;

namespace MailOperator.UnitTests.MailBackends;

/// <summary>Places of devices that are gone while a password of theirs may be left.</summary>
public sealed class QuotaUnownedTests
{
    private static readonly GrantSpec[] One = [new GrantSpec { MaxDevicesPerMailbox = 1 }];
    private readonly QuotaLedger _quotas = new();
    private readonly List<ObjectKey> _requeued = [];

    public QuotaUnownedTests() => _quotas.PlaceFreed += _requeued.Add;

    [Fact]
    public void Remove_WithoutARevocation_KeepsThePlaceUntilAListingShowsNothingLeft()
    {
        // Mutant: free it with the object. Whoever removes the finalizer has a password more, again and again.
        Settle();
        Vanishes("first");
        MailDevice second = Put("second");

        Assert.False(Ask(second));
        Settle(Place("first"));
        Assert.False(Ask(second));
        Assert.Empty(_requeued);

        Settle();
        Assert.Equal([second.Key], _requeued);
        Assert.True(Ask(second));
    }

    [Fact]
    public void Settle_ListingThatBeganBeforeItVanished_KeepsThePlace()
    {
        // Mutant: believe any listing. An old one does not show slots of a device that was still there.
        Settle();
        MailDevice first = Put("first");
        Assert.True(Ask(first));
        long mark = _quotas.Mark();
        _quotas.Remove(first.Key);
        _quotas.Settle("dovecot", mark, []);

        Assert.False(Ask(Put("second")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // the watch told of the removal first
    public void Release_EndedInGoodOrder_FreesThePlaceAtOnce(bool isFirst)
    {
        // Mutant: wait for the listing. Every deletion would keep the next one waiting.
        Settle();
        MailDevice first = Put("first"), second = Put("second");
        Ask(first);
        Assert.False(Ask(second));
        Action[] steps = [() => _quotas.Release(first), () => _quotas.Remove(first.Key)];
        foreach (Action step in isFirst ? steps : steps.Reverse())
        {
            step();
        }

        Assert.Contains(second.Key, _requeued);
        Assert.True(Ask(second));
    }

    [Fact]
    public void Release_OfAnEarlierDeviceOfTheName_FreesNothing()
    {
        Settle();
        MailDevice first = Put("first");
        Ask(first);
        _quotas.Release(Device("first", uid: "uid-earlier"));
        _quotas.Remove(first.Key);

        Assert.False(Ask(Put("second")));
    }

    [Fact]
    public void TryAdmit_BeforeTheFirstListing_Waits()
    {
        // Mutant: count what is in the caches. After a restart an orphan's place would be given a second time.
        MailDevice first = Put("first");
        Assert.False(Ask(first));
        Assert.False(_quotas.IsCounted("dovecot"));
        Assert.True(_quotas.TryAdmit(
            Put("free", mailbox: "b@example.com"), "dovecot", [new GrantSpec()], static _ => [new GrantSpec()]));

        Settle();

        Assert.Equal([first.Key], _requeued);
        Assert.True(Ask(first));
    }

    [Fact]
    public void Put_FinalizerRemovedByForce_KeepsThePlace()
    {
        // Mutant: judge it again. Another would get the place while the password still works.
        Settle();
        MailDevice first = Put("first", hasFinalizer: true);
        Assert.True(Ask(first));
        Put("first", hasFinalizer: false);

        Assert.False(Ask(Put("earlier"))); // it comes first if both wait
    }

    [Fact]
    public void Remove_FinalizerForgedAndNeverJudged_KeepsNoPlace()
    {
        // Mutant: keep the place of any finalizer. A namespace without a grant could hold the places of others.
        Settle();
        _quotas.Remove(Put("forged", hasFinalizer: true).Key);

        Assert.True(Ask(Put("second")));
    }

    [Fact]
    public void Settle_SlotsOfOtherMailboxesAndNamespaces_CountInTheirOwn()
    {
        GrantSpec[] grants = [new GrantSpec { MaxDevicesPerMailbox = 5, MaxDevicesPerNamespace = 2 }];
        _quotas.Settle("dovecot", _quotas.Mark(), [
            new UnownedPlace("uid-1", "shop", "a@example.com"), new UnownedPlace("uid-2", "shop", "b@example.com"),
            new UnownedPlace("uid-3", "billing", "alerts@example.com"),
        ]);

        Assert.False(_quotas.TryAdmit(Put("first"), "dovecot", grants, _ => grants));
        Assert.False(Ask(Put("second"))); // billing's takes the place of the mailbox
    }

    [Fact]
    public void Forget_BackendIsGone_TakesItsPlacesAlong()
    {
        Settle(Place("first"));
        _quotas.Forget("dovecot");
        Settle();

        Assert.True(Ask(Put("second")));
    }

    [Fact]
    public void Places_AnyCourse_AreNeverMoreThanTheQuota() =>
        Gen.Int[0, 4].Array[60].Sample(steps =>
        {
            var quotas = new QuotaLedger();
            quotas.Settle("dovecot", quotas.Mark(), []);
            var slots = new List<UnownedPlace>(); // passwords that work
            MailDevice? living = null;
            int number = 0;
            foreach (int step in steps)
            {
                switch (step)
                {
                    case 0 when living is null:
                        living = Device($"device-{number}", uid: $"uid-{number++}");
                        quotas.Put(living, "dovecot");
                        break;
                    case 1 when living is not null && quotas.TryAdmit(living, "dovecot", One, _ => One):
                        slots.RemoveAll(place => place.DeviceUid == living.Metadata.Uid);
                        slots.Add(new UnownedPlace(living.Metadata.Uid, "shop", "alerts@example.com"));
                        break;
                    case 2 when living is not null: // by force
                        quotas.Remove(living.Key);
                        living = null;
                        break;
                    case 3: // a listing
                        quotas.Settle("dovecot", quotas.Mark(),
                            [.. slots.Where(place => place.DeviceUid != living?.Metadata.Uid)]);
                        break;
                    case 4: // the orphans end
                        slots.RemoveAll(place => place.DeviceUid != living?.Metadata.Uid);
                        break;
                    default:
                        break;
                }

                if (slots.Count > 1)
                {
                    return false;
                }
            }

            return true;
        });

    private void Settle(params UnownedPlace[] listed) => _quotas.Settle("dovecot", _quotas.Mark(), listed);

    private void Vanishes(string name)
    {
        MailDevice device = Put(name);
        Assert.True(Ask(device));
        _quotas.Remove(device.Key);
    }

    private bool Ask(MailDevice device) => _quotas.TryAdmit(device, "dovecot", One, static _ => One);

    private MailDevice Put(string name, string mailbox = "alerts@example.com", bool hasFinalizer = false)
    {
        MailDevice device = Device(name, mailbox: mailbox);
        device.Metadata.Finalizers = hasFinalizer ? [Finalizers.Revocation] : null;
        _quotas.Put(device, "dovecot");
        return device;
    }

    private static UnownedPlace Place(string name) => new($"uid-{name}", "shop", "alerts@example.com");

    private static MailDevice Device(string name, string? uid = null, string mailbox = "alerts@example.com") => new()
    {
        Metadata = new()
        {
            Name = name,
            NamespaceProperty = "shop",
            Uid = uid ?? $"uid-{name}",
            CreationTimestamp = Snapshots.Now.UtcDateTime,
        },
        Spec = new MailDeviceSpec { Mailbox = mailbox },
    };
}
