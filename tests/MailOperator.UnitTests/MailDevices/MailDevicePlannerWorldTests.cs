using System.Collections.Immutable;
using CsCheck;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>From any device, applying its plans ends, and ends in the state that the documentation describes.</summary>
public sealed class MailDevicePlannerWorldTests
{
    private const int MaxRounds = 4; // as in the reconciler: more means that another writer undoes our changes

    private static readonly string[] Selectors = ["aaaaaa", "bbbbbb", "cccccc", "dddddd", "eeeeee"];
    private static readonly string[] Earlier = ["bbbbbb", "cccccc", "zzzzzz"];
    private static readonly string[] Tokens = ["", "one", "two"];

    private static readonly Gen<Slot> AnySlot =
        Gen.Select(
            Gen.Int[0, 400], Gen.Bool, Gen.Bool, Gen.Bool,
            (age, isIntact, isSuspended, hasMoved) => Slot("?", TimeSpan.FromSeconds(age)) with
            {
                IsIntact = isIntact,
                Mailbox = hasMoved ? "other@example.com" : Desired.Access.Mailbox,
                Restrictions = Restrictions with { IsSuspended = isSuspended },
            });

    private static readonly Gen<ImmutableArray<Slot>> AnySlots =
        Gen.Select(Gen.Shuffle(Selectors), AnySlot.Array[0, 5], (selectors, slots) =>
            slots.Select((slot, index) => slot with { Selector = selectors[index] }).ToImmutableArray());

    private static readonly Gen<ImmutableArray<RetiringCredential>> AnyRetiring =
        Gen.Select(Gen.Shuffle(Earlier), Gen.Int[-2, 30].Array[0, 3], (selectors, hours) =>
            hours.Select((hour, index) => new RetiringCredential(selectors[index], Now.AddHours(hour)))
                .ToImmutableArray());

    private static readonly Gen<SecretState> AnySecret = Gen.Frequency(
        (1, Gen.Const<SecretState>(new SecretState.Absent())),
        (1, Gen.Const<SecretState>(new SecretState.Foreign("is another's"))),
        (5, Gen.Select(
            Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool, AnyRetiring, Gen.Int[0, 5000],
            (isForged, differs, isFrozen, isDeleting, retiring, age) => (SecretState)(Secret with
            {
                IsGenuine = !isForged,
                MatchesDesired = !differs,
                MustBeReplaced = differs && isFrozen,
                IsDeleting = isDeleting && isFrozen && isForged,
                Credential = Snapshots.Record with { Retiring = retiring, IssuedAt = Now.AddHours(-age) },
            }))));

    private static readonly Gen<DesiredCredential> AnyDesired = Gen.Select(
        Gen.Bool, Gen.Int[-1, 4], Gen.Int[0, 2], Gen.Int[0, 30],
        (isSuspended, expiry, interval, overlap) => Desired with
        {
            Access = Desired.Access with { Restrictions = Restrictions with { IsSuspended = isSuspended } },
            Lifetime = Desired.Lifetime with
            {
                ExpiresAt = expiry == 4 ? null : Now.AddDays(expiry),
                Interval = interval == 0 ? null : TimeSpan.FromDays(90 * interval),
                Overlap = TimeSpan.FromHours(overlap),
            },
        });

    private static readonly Gen<MailDeviceSnapshot> AnyDevice =
        Gen.Select(AnyDesired, AnySecret, AnySlots, Gen.Int[0, 15], Gen.Int[0, 2], Gen.Bool, Gen.Bool, Gen.Bool)
        .Select((desired, secret, slots, which, rotate, isLeaked, hasFinalizer, isRetained) => new MailDeviceSnapshot
        {
            Uid = "uid-a",
            HasFinalizer = hasFinalizer,
            IsDeleting = which is 1 or 2,
            IsPaused = which is 2 or 3,
            IsNamespaceTerminating = which == 4,
            DeletionPolicy = isRetained ? DeletionPolicy.Retain : DeletionPolicy.Revoke,
            RotateToken = Tokens[rotate],
            RotateAndRevokeToken = isLeaked ? "leak" : "",
            Problem = which == 5 ? new SpecProblem(Reasons.NotAllowed, "no grant") : null,
            Desired = which is 1 or 2 or 5 ? null : desired,
            Secret = hasFinalizer && which is not (1 or 2 or 5) ? secret : null,
            Slots = slots,
            OtherPlaces = hasFinalizer && which is 1 or 2 ? [Place([.. slots]) with { IsRetentionAllowed = true }] : [],
            Stops = new Stops
            {
                IsSuspended = desired.Access.Restrictions.IsSuspended,
                EndsAt = desired.Lifetime.ExpiresAt,
            },
            Capabilities = Capabilities,
            ObsoleteSecrets = which % 2 == 1 ? [new ObsoleteSecret("old", "old-uid")] : [],
            UncommittedSlotGrace = TimeSpan.FromMinutes(2),
        });

    [Fact]
    public void Plan_AppliedToAnyDevice_EndsWithNoChangeLeft() => AnyDevice.Sample(
        static device => new PlannedWorld(device, Now).Settle(MaxRounds) is not null, iter: 20_000);

    [Fact]
    public void Plan_AppliedToAnyDevice_EndsAsTheVerdictSays() => AnyDevice.Sample(
        static device =>
        {
            var world = new PlannedWorld(device, Now);
            world.Settle(MaxRounds);
            AssertMatchesVerdict(device, world, MailDevicePlanner.Plan(world.Device, Now).Verdict);
        },
        iter: 20_000);

    private static void AssertMatchesVerdict(MailDeviceSnapshot before, PlannedWorld world, DeviceVerdict verdict)
    {
        MailDeviceSnapshot after = world.Device;
        ImmutableArray<Slot> left = after.IsDeleting
            ? [.. after.OtherPlaces.SelectMany(static place => place.Slots)]
            : after.Slots;
        AssertEverythingEnded(before, left);
        if (before is { IsDeleting: true, HasFinalizer: false })
        {
            Assert.Same(before, after);
        }
        else if (before is { IsDeleting: true, IsPaused: false })
        {
            Assert.True(world.IsFinalizerRemoved);
            Assert.Empty(after.ObsoleteSecrets);
            Assert.All(left, static slot => Assert.True(slot.IsRetained));
            Assert.True(left.IsEmpty || before.DeletionPolicy == DeletionPolicy.Retain);
        }
        else if (verdict.Reason == Reasons.Expired)
        {
            Assert.False(after.Secret is SecretState.Owned { IsDeleting: false });
        }
        else if (verdict.Ready == ReadyStatus.True || verdict.Reason == Reasons.Suspended)
        {
            AssertIsWhole(before, after);
        }
        else
        {
            // Nothing is given or repaired.
            Assert.True(before.Secret is null || ReferenceEquals(before.Secret, after.Secret));
            Assert.Empty(left.Select(static slot => slot.Selector).Except(
                before.Places.SelectMany(static place => place.Slots).Select(static slot => slot.Selector)));
        }
    }

    // Mutant of each line: a state in which that stop does not apply.
    private static void AssertEverythingEnded(MailDeviceSnapshot before, ImmutableArray<Slot> left)
    {
        if (before is { IsDeleting: true, HasFinalizer: false })
        {
            return; // the object is gone; what it left is an orphan
        }

        Assert.True(!(before.Stops.EndsAt <= Now) || left.IsEmpty, "outlives its expiry");
        Assert.All(left, slot => Assert.True(
            !before.Stops.IsSuspended || slot.Restrictions.IsSuspended, $"{slot.Selector} works while suspended"));
        if (before.RotateAndRevokeToken.Length > 0 && before is not { IsDeleting: true, IsPaused: false })
        {
            Assert.All(left, slot => Assert.True(
                !before.Places.Any(place => place.Slots.Contains(slot)) || slot.IssuedAt > Now.AddMinutes(-2),
                $"{slot.Selector} leaked and works"));
        }
    }

    /// <summary>The password in the Secret is accepted, and no other one is accepted longer than it may be.</summary>
    private static void AssertIsWhole(MailDeviceSnapshot before, MailDeviceSnapshot after)
    {
        var secret = Assert.IsType<SecretState.Owned>(after.Secret);
        Slot current = Assert.Single(after.Slots, slot => slot.Selector == secret.Credential.Selector);
        Assert.Equal(after.Desired!.Access.Restrictions, current.Restrictions);
        Assert.True(secret.IsGenuine && secret.MatchesDesired && !secret.MustBeReplaced && current.IsIntact
            && current.Mailbox == after.Desired.Access.Mailbox);
        Assert.True(secret.Credential.Epoch <= 2, "more than one new password");
        Assert.Empty(after.ObsoleteSecrets);
        foreach (Slot slot in after.Slots.Where(slot => slot != current))
        {
            bool isRetiring = secret.Credential.Retiring.Any(
                one => one.Selector == slot.Selector && one.At > Now && one.At <= Now.AddHours(30));
            Assert.True(isRetiring || slot.IssuedAt > Now.AddMinutes(-2), $"{slot.Selector} lives on");
            Assert.True(
                !isRetiring || slot.Restrictions.Equals(after.Desired.Access.Restrictions),
                $"{slot.Selector} has restrictions of before");
        }

        if (before.RotateAndRevokeToken.Length > 0 && before.Secret is SecretState.Owned)
        {
            Assert.DoesNotContain(secret.Credential.Retiring, one => one.At > Now);
        }
    }
}
