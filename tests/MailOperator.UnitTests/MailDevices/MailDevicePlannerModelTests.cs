using CsCheck;
using MailOperator.Backends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>From any state, applying the plans one after the other ends in the right state.</summary>
public sealed class MailDevicePlannerModelTests
{
    private const int MaxRounds = 6;

    private static readonly Gen<Slot> Slots = Gen.Select(Gen.Char['a', 'e'], Gen.Int[0, 300], Gen.Bool, Gen.Bool)
        .Select(static (name, age, isIntact, isSuspended) => Slot(new string(name, 6), TimeSpan.FromSeconds(age)) with
        {
            IsIntact = isIntact,
            Restrictions = Restrictions with { IsSuspended = isSuspended },
        });

    private static readonly Gen<RetiringCredential> Retirings = Gen.Select(Gen.Char['b', 'e'], Gen.Int[-100, 100])
        .Select(static (name, seconds) => new RetiringCredential(new string(name, 6), Now.AddSeconds(seconds)));

    private static readonly Gen<SecretState.Owned> Secrets = Gen.Select(
        Retirings.Array[0, 3], Gen.Bool, Gen.Bool, Gen.Bool)
        .Select(static (retiring, isGenuine, matches, mustBeReplaced) => Secret with
        {
            Credential = Snapshots.Record with { Retiring = [.. retiring.DistinctBy(static one => one.Selector)] },
            IsGenuine = isGenuine,
            MatchesDesired = matches,
            MustBeReplaced = mustBeReplaced,
        });

    private static readonly Gen<MailDeviceSnapshot> Devices = Gen.Select(
        Slots.Array[0, 5], Secrets, Gen.Bool, Gen.Bool, Gen.Int[0, 3])
        .Select(static (slots, secret, hasSecret, hasObsolete, tokens) => InSync with
        {
            Slots = [.. slots.DistinctBy(static slot => slot.Selector)],
            Secret = hasSecret ? secret : new SecretState.Absent(),
            ObsoleteSecrets = hasObsolete ? [new ObsoleteSecret("old", "old-uid")] : [],
            RotateToken = tokens is 1 or 3 ? "two" : "one",
            RotateAndRevokeToken = tokens is 2 or 3 ? "leak" : "",
        });

    [Fact]
    public void Plan_AppliedFromAnyState_EndsInSync() => Devices.Sample(static device =>
    {
        MailDeviceSnapshot end = Settled(device);
        SecretState.Owned secret = Assert.IsType<SecretState.Owned>(end.Secret);
        HashSet<string> named = Named(secret);

        Assert.True(secret is { IsGenuine: true, MatchesDesired: true, MustBeReplaced: false });
        Assert.Empty(end.ObsoleteSecrets);
        Assert.Contains(end.Slots, slot => slot.Selector == secret.Credential.Selector);
        Assert.All(
            end.Slots,
            slot => Assert.True(named.Contains(slot.Selector) || slot.IssuedAt + end.UncommittedSlotGrace > Now));
        Assert.All(
            end.Slots.Where(slot => named.Contains(slot.Selector)),
            slot => Assert.True(slot.IsIntact && slot.Restrictions.Equals(Restrictions)));
    });

    [Fact]
    public void Plan_AppliedFromAnyState_ChangesThePasswordAtMostOnce() => Devices.Sample(static device =>
        Assert.InRange(((SecretState.Owned)Settled(device).Secret!).Credential.Epoch, 1, Snapshots.Record.Epoch + 1));

    [Fact]
    public void Plan_AppliedFromAnyState_KeepsPromisedPasswords() => Devices
        .Where(static device => device is { RotateAndRevokeToken: "", Secret: SecretState.Owned { IsGenuine: true } })
        .Sample(static device =>
        {
            // Whatever else is wrong, neither the current password nor one within its overlap ends.
            HashSet<string> promised = Named((SecretState.Owned)device.Secret!);
            IEnumerable<string> kept = Settled(device).Slots.Select(static slot => slot.Selector);

            Assert.Empty(device.Slots.Select(static slot => slot.Selector).Where(promised.Contains).Except(kept));
        });

    [Fact]
    public void Plan_RotateAndRevokeFromAnyState_LeavesNoOlderCredential() =>
        Devices.Where(static device => device.Secret is SecretState.Owned)
            .Sample(static device =>
            {
                MailDeviceSnapshot end = Settled(device with { RotateAndRevokeToken = "leak" });
                string current = ((SecretState.Owned)end.Secret!).Credential.Selector;

                Assert.All(
                    end.Slots,
                    slot => Assert.True(slot.Selector == current || slot.IssuedAt + end.UncommittedSlotGrace > Now));
            });

    [Fact]
    public void Plan_DeletedFromAnyState_RemovesSlotsAndFinalizer() => Devices.Sample(static device =>
    {
        var world = new PlannedWorld(
            device with { IsDeleting = true, Secret = null, OtherPlaces = [Place([.. device.Slots])] }, Now);

        Assert.NotNull(world.Settle(MaxRounds));
        Assert.True(world.IsFinalizerRemoved);
        Assert.Empty(world.Device.OtherPlaces[0].Slots);
        Assert.Empty(world.Device.ObsoleteSecrets);
    });

    private static MailDeviceSnapshot Settled(MailDeviceSnapshot device)
    {
        var world = new PlannedWorld(device, Now);
        Assert.NotNull(world.Settle(MaxRounds)); // null: the plans come to no end
        return world.Device;
    }

    private static HashSet<string> Named(SecretState.Owned secret) =>
        [
            secret.Credential.Selector,
            .. secret.Credential.Retiring.Where(static one => one.At > Now).Select(static one => one.Selector),
        ];
}
