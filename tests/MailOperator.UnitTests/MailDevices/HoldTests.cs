using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>What is said and done for a device that gets nothing now.</summary>
public sealed class HoldTests
{
    private static readonly SpecProblem Invalid = new(Reasons.InvalidSpec, "bad");
    private static readonly Slot Refused = Slot("bbbbbb") with
    {
        Restrictions = Restrictions with { IsSuspended = true },
    };

    private static readonly MailDeviceSnapshot Paused = InSync with { IsPaused = true, AreSlotsKnown = true };

    private static Dictionary<string, (MailDeviceSnapshot Device, string Words)> Held => new()
    {
        ["paused"] = (Paused, "remove it to continue. Passwords still end"),
        ["Secret of another"] = (
            InSync with { Secret = new SecretState.Foreign("belongs to Deployment 'web'") },
            "Secret 'grafana' exists and belongs to Deployment 'web', so it is not changed; delete it or set "
            + "spec.secret.name"),
        ["expired"] = (
            InSync with { Stops = new Stops { EndsAt = Now } },
            "The password ended at 2026-11-24T12:00:00Z; set spec.expiry.at to a later time for a new one"),
        ["deleted"] = (Deleted, "The credential is being revoked"),
    };

    public static TheoryData<string> HeldNames => [.. Held.Keys];

    /// <summary>The mutants: a part of what somebody must know or do is not said.</summary>
    [Theory]
    [MemberData(nameof(HeldNames))]
    public void Plan_Held_SaysWhyAndWhatToDo(string name) => Assert.EndsWith(
        Held[name].Words, MailDevicePlanner.Plan(Held[name].Device, Now).Verdict.Message, StringComparison.Ordinal);

    /// <summary>The mutant: a device that got slots and lost its finalizer is deleted before its slots.</summary>
    [Fact]
    public void Plan_HeldWithSlotsAndNoFinalizer_GetsItBack()
    {
        MailDeviceSnapshot bare = InSync with { Problem = Invalid, HasFinalizer = false };

        Assert.Equal([new Change.AddFinalizer()], MailDevicePlanner.Plan(bare, Now).Changes);
        Assert.Empty(MailDevicePlanner.Plan(bare with { IsDeleting = true }, Now).Changes);
    }

    /// <summary>The mutants: a pause hides that nothing works, or says so of a password that does.</summary>
    [Fact]
    public void Plan_Paused_IsNotReadyOnlyIfNoPasswordWorks()
    {
        Assert.Equal(ReadyStatus.Unknown, Ready(Paused));
        Assert.Equal(ReadyStatus.Unknown, Ready(Paused with { Slots = [Slot("aaaaaa"), Refused] }));
        Assert.Equal(ReadyStatus.False, Ready(Paused with { Slots = [Refused] }));
        Assert.Equal(ReadyStatus.False, Ready(Paused with { Secret = new SecretState.Absent() }));
        Assert.Equal(ReadyStatus.False, Ready(Paused with { Secret = Secret with { IsDeleting = true } }));
        Assert.Equal(ReadyStatus.Unknown, Ready(Paused with { Slots = [Refused], AreSlotsKnown = false }));
    }

    /// <summary>The mutants: the spec or the grant alone is enough to say that passwords go on.</summary>
    [Theory]
    [InlineData(nameof(DeletionPolicy.Retain), true, true)]
    [InlineData(nameof(DeletionPolicy.Retain), false, false)]
    [InlineData(nameof(DeletionPolicy.Revoke), true, false)]
    public void Plan_Deleted_IsRetainedBySpecAndGrantTogether(string policy, bool isAllowed, bool isRetained)
    {
        MailDevicePlan plan = MailDevicePlanner.Plan(
            Deleted with
            {
                DeletionPolicy = Enum.Parse<DeletionPolicy>(policy),
                OtherPlaces =
                [
                    Place(Slot("aaaaaa")) with { IsRetentionAllowed = isAllowed },
                    new SlotPlace("other"),
                ],
            },
            Now);

        Assert.Equal("The credential is being revoked", plan.Verdict.PendingRevocation);
        Assert.Contains(new Change.AnnounceEnd(isRetained), plan.Changes);
        Assert.Contains(new Change.RemoveFinalizer { LeavesPasswords = isRetained }, plan.Changes);
        Assert.Equal(isRetained, plan.Changes.Any(static one => one is Change.RetainSlots { At: "dovecot" }));
        Assert.Equal(!isRetained, plan.Changes.Contains(new Change.RemoveAll { At = "dovecot" }));
    }

    /// <summary>
    /// The mutants: the finalizer or the Secret goes while a mail server may still accept the password.
    /// </summary>
    [Fact]
    public void Plan_MailServersAreToBeTold_KeepsFinalizerAndSecret()
    {
        var delay = TimeSpan.FromSeconds(2);
        MailDevicePlan deleted = MailDevicePlanner.Plan(
            Deleted with
            {
                OtherPlaces = [Place(Slot("aaaaaa")) with { PropagationDelay = delay }, new SlotPlace("other")],
            },
            Now);
        MailDevicePlan withdrawn = MailDevicePlanner.Plan(
            InSync with
            {
                IsGrantRevoked = true,
                Problem = new SpecProblem(Reasons.NotAllowed, "no grant"),
                PropagationDelay = delay,
                ObsoleteSecrets = [new ObsoleteSecret("grafana", "secret-uid")],
            },
            Now);

        Assert.Equal("dovecot", Assert.Single(deleted.Changes.OfType<Change.RefuseSlots>()).At);
        Assert.All(deleted.Changes, static one => Assert.True(one is Change.RefuseSlots or Change.RemoveAll));
        Assert.IsType<Change.RefuseSlots>(Assert.Single(withdrawn.Changes));
        Assert.StartsWith("A password has ended", deleted.Verdict.PendingRevocation, StringComparison.Ordinal);
        Assert.EndsWith("all of them must refuse it", deleted.Verdict.PendingRevocation, StringComparison.Ordinal);
    }

    /// <summary>The mutant: a Secret under an earlier name outlives the password.</summary>
    [Fact]
    public void Plan_Expired_DeletesSecretsUnderEarlierNames() => Assert.Contains(
        new Change.DeleteSecret(new ObsoleteSecret("old", "old-uid")),
        MailDevicePlanner.Plan(
            InSync.EndingAt(Now) with { ObsoleteSecrets = [new ObsoleteSecret("old", "old-uid")] }, Now).Changes);

    /// <summary>The mutant: only a device that gives looks again at its end.</summary>
    [Fact]
    public void Plan_PausedWithAnEndAhead_LooksAgainThen() => Assert.Equal(
        TimeSpan.FromHours(5),
        MailDevicePlanner.Plan(
            Paused.EndingAt(Now.AddHours(5)) with { OtherPlaces = [new SlotPlace("other")] }, Now).RecheckAfter);

    private static ReadyStatus Ready(MailDeviceSnapshot device) => MailDevicePlanner.Plan(device, Now).Verdict.Ready;
}
