using System.Collections.Immutable;
using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>A model of what plans act on: the slots and the Secret of one device. It applies every change.</summary>
internal sealed class PlannedWorld(MailDeviceSnapshot start, DateTimeOffset now)
{
    private int _issued;

    public MailDeviceSnapshot Device { get; set; } = start;

    public DateTimeOffset Now { get; set; } = now;

    public bool IsFinalizerRemoved { get; private set; }

    /// <summary>
    /// Plans and applies until no change is left. Returns the number of rounds, or null if that takes more than
    /// <paramref name="maxRounds"/>.
    /// </summary>
    public int? Settle(int maxRounds)
    {
        for (int round = 0; round <= maxRounds; round++)
        {
            MailDevicePlan plan = MailDevicePlanner.Plan(Device, Now);
            if (plan.Changes.IsEmpty || IsFinalizerRemoved)
            {
                return round;
            }

            foreach (Change change in plan.Changes)
            {
                Device = Apply(change);
            }
        }

        return null;
    }

    /// <summary>The device after this change.</summary>
    public MailDeviceSnapshot Apply(Change change)
    {
        switch (change)
        {
            case Change.AddFinalizer:
                return Device with { HasFinalizer = true, Secret = Device.Secret ?? new SecretState.Absent() };
            case Change.ConfirmTokens or Change.VerifyLogin or Change.ExpectRefusal:
                return Device;
            case Change.CommitClaimedHash commit:
                return Commit(commit);
            case Change.TryEnded tried:
                return Device with
                {
                    Secret = tried.Secret with
                    {
                        Credential = tried.Secret.Credential with
                        {
                            ToBeRefused = tried.Secret.Credential.ToBeRefused.Remove(tried.Ended),
                        },
                    },
                };
            case Change.IssueCredential issue:
                return Issue(issue);
            case Change.RestoreSlot restore:
                Assert.Equal(Device.Secret, restore.Secret);
                return Put([SlotOf(restore.Secret.Credential.Selector, restore.Secret.Credential.IssuedAt)]);
            case Change.PutSlots put:
                return Put(put.Slots);
            case Change.RemoveSlots remove:
                return At(remove, place => place with
                {
                    Slots = place.Slots.RemoveAll(slot => remove.Selectors.Contains(slot.Selector)),
                    EndedSlots = place.EndedSlots.RemoveAll(slot => remove.Selectors.Contains(slot.Selector)),
                });
            case Change.RefuseSlots refuse:
                Assert.All(
                    refuse.Slots,
                    static slot => Assert.True(slot is { End: not null, Restrictions.IsSuspended: true }));
                return At(refuse, place => place with
                {
                    Slots = place.Slots.RemoveAll(slot => refuse.Slots.Any(ended => ended.Selector == slot.Selector)),
                    EndedSlots = [.. place.EndedSlots
                        .Where(slot => refuse.Slots.All(ended => ended.Selector != slot.Selector)), .. refuse.Slots],
                });
            case Change.TellMailServers tell:
                return Device with { IsSuspensionComplete = Device.IsSuspensionComplete || tell.CompletesSuspension };
            case Change.RepairSecret repair:
                return Device with { Secret = repair.Secret with { MatchesDesired = true, ResourceVersion = "8" } };
            case Change.MarkRotationHandled answer:
                return Device with { Secret = answer.Secret with { MatchesDesired = true, ResourceVersion = "8" } };
            case Change.ReplaceSecret replace:
                return Device with
                {
                    Secret = replace.Secret with { MatchesDesired = true, MustBeReplaced = false, Uid = "made-anew" },
                };
            case Change.RestartRollouts restart:
                return Device with
                {
                    Secret = restart.Secret with
                    {
                        Credential = restart.Secret.Credential with { IsRestartOwed = false },
                        ResourceVersion = "9",
                    },
                };
            case Change.DeleteSecret delete:
                return Device with
                {
                    ObsoleteSecrets = Device.ObsoleteSecrets.Remove(delete.Secret),
                    Secret = Device.Secret is SecretState.Owned owned && owned.Uid == delete.Secret.Uid
                        ? new SecretState.Absent()
                        : Device.Secret,
                };
            case Change.LimitSlots limit:
                return At(limit, place => place with { Slots = Replaced(place.Slots, limit.Slots) });
            case Change.RemoveAll all:
                return At(all, static place => place with { Slots = [], EndedSlots = [] });
            case Change.RetainSlots retain:
                return At(retain, place => place with { Slots = Replaced(place.Slots, retain.Slots) });
            case Change.AnnounceEnd:
                return Device;
            case Change.RemoveFinalizer:
                IsFinalizerRemoved = true;
                return Device with { HasFinalizer = false };
            default:
                throw new InvalidOperationException($"The model does not know {change.GetType().Name}.");
        }
    }

    private MailDeviceSnapshot At(Change.OfRevocation change, Func<SlotPlace, SlotPlace> act)
    {
        if (change.At is null)
        {
            SlotPlace own = act(new SlotPlace(null) { Slots = Device.Slots, EndedSlots = Device.EndedSlots });
            return Device with { Slots = own.Slots, EndedSlots = own.EndedSlots };
        }

        return Device with
        {
            OtherPlaces = [.. Device.OtherPlaces.Select(place => place.Name == change.At ? act(place) : place)],
        };
    }

    private static ImmutableArray<Slot> Replaced(ImmutableArray<Slot> slots, ImmutableArray<Slot> by) =>
        [.. slots.Select(slot => by.FirstOrDefault(one => one.Selector == slot.Selector) ?? slot)];

    private MailDeviceSnapshot Issue(Change.IssueCredential issue)
    {
        Assert.Equal(Device.Secret as SecretState.Owned, issue.Overwrites);
        string selector = $"new{++_issued:D3}";
        MailDeviceSnapshot put = Put([SlotOf(selector, Now)]);
        return put with
        {
            Secret = new SecretState.Owned
            {
                Name = Device.Desired!.Secret.Name,
                Uid = issue.Overwrites?.Uid ?? "made-anew",
                ResourceVersion = "8",
                IsGenuine = true,
                MatchesDesired = true,
                Credential = new CredentialRecord
                {
                    Epoch = (issue.Overwrites?.Credential.Epoch ?? 0) + 1,
                    Selector = selector,
                    IssuedAt = Now,
                    HandledRotation = Device.RotateToken,
                    HandledRotateAndRevoke = Device.RotateAndRevokeToken,
                    IsRestartOwed = issue.FollowsAnother && !Device.Desired.RestartTargets.IsEmpty,
                    Retiring = issue.Retiring,
                },
            },
        };
    }

    private MailDeviceSnapshot Commit(Change.CommitClaimedHash commit)
    {
        MailDeviceSnapshot put = Put([SlotOf(commit.Hash.Selector, Now)]);
        return put with
        {
            Secret = Snapshots.Secret with
            {
                Credential = Snapshots.Record with
                {
                    Selector = commit.Hash.Selector,
                    IssuedAt = Now,
                    Origin = new PasswordOrigin.Claimed(commit.Hash.Claim, commit.Hash.IsChosen),
                },
            },
        };
    }

    private MailDeviceSnapshot Put(ImmutableArray<Slot> slots)
    {
        foreach (Slot slot in slots)
        {
            Device = Device with { Slots = Device.Slots.RemoveAll(one => one.Selector == slot.Selector).Add(slot) };
        }

        return Device;
    }

    private Slot SlotOf(string selector, DateTimeOffset issuedAt) => new()
    {
        Owner = Snapshots.Owner,
        Selector = selector,
        Mailbox = Device.Desired!.Access.Mailbox,
        Hash = "$2y$04$other",
        IssuedAt = issuedAt,
        Restrictions = Device.Desired.Access.Restrictions,
    };
}
