using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>How passwords end, and what is said where they cannot.</summary>
public sealed class EndsInForceTests
{
    private static readonly MailDeviceSnapshot Overlapping = InSync with
    {
        Slots = [Slot("aaaaaa"), Slot("bbbbbb")],
        Secret = WithRetiring(new RetiringCredential("bbbbbb", Now.AddHours(1))),
        PropagationDelay = TimeSpan.FromSeconds(2),
    };

    /// <summary>The mutant: a password in its overlap keeps its sessions although the whole device ends.</summary>
    [Fact]
    public void Plan_Expired_EndsSessionsOfOverlapsToo() => AssertEndsSessions(Overlapping.EndingAt(Now));

    /// <summary>The mutant: a leaked password in its overlap keeps its sessions.</summary>
    [Fact]
    public void Plan_Leak_EndsSessionsOfOverlapsToo() =>
        AssertEndsSessions(Overlapping with { RotateAndRevokeToken = "leak" });

    /// <summary>The mutant: a Secret that lost its owner no longer says which overlap is over.</summary>
    [Fact]
    public void Plan_SecretWithoutItsOwner_StillEndsTheOverlap()
    {
        MailDevicePlan plan = Plan(InSync with
        {
            Slots = [Slot("aaaaaa"), Slot("bbbbbb")],
            Secret = new SecretState.Foreign("was not made by this operator")
            {
                Record = Snapshots.Record with { Retiring = [new RetiringCredential("bbbbbb", Now)] },
            },
        });

        Assert.Equal(["bbbbbb"], Assert.IsType<Change.RemoveSlots>(Assert.Single(plan.Changes)).Selectors);
    }

    /// <summary>The mutants: without its backend it is called expired, or what is not ended is not said.</summary>
    [Fact]
    public void Plan_ExpiredWithoutItsBackend_SaysThatNothingHasEnded()
    {
        DeviceVerdict verdict = Plan((InSync with
        {
            Unreachable = "MailBackend 'dovecot' does not exist",
            Problem = new SpecProblem(Reasons.BackendUnavailable, "MailBackend 'dovecot' does not exist"),
            Slots = [],
            Secret = null,
        }).EndingAt(Now)).Verdict;

        Assert.Equal(Reasons.BackendUnavailable, verdict.Reason);
        Assert.StartsWith("The expiry", verdict.PendingRevocation, StringComparison.Ordinal);
        Assert.True(verdict.IsRevocationBlocked);
    }

    /// <summary>The mutant: a device is Ready although a limit of its spec is not enforced.</summary>
    [Fact]
    public void Plan_LimitThatIsNotEnforced_IsNotReady()
    {
        DeviceVerdict verdict = Plan(InSync with
        {
            Capabilities = Capabilities & ~BackendCapabilities.Networks,
            Stops = new Stops { Networks = ["10.0.0.0/8"] },
        }).Verdict;

        Assert.Equal((ReadyStatus.False, Reasons.RevocationBlocked), (verdict.Ready, verdict.Reason));
    }

    /// <summary>
    /// The mutants: of several limits one is not said, or an end that is under way is said in their place.
    /// </summary>
    [Fact]
    public void Plan_LimitsThatAreNotEnforced_AreAllSaid() => Assert.Equal(
        "The backend cannot enforce spec.allowedNetworks and spec.sending of the MailUser on a password that exists, "
        + "so it still works without that limit; delete the MailDevice to end it",
        Plan(InSync with
        {
            Capabilities = BackendCapabilities.Hash,
            Stops = new Stops { Networks = ["10.0.0.0/8"], MaySend = false },
            PropagationDelay = TimeSpan.FromSeconds(2),
            EndedSlots = [Slot("bbbbbb") with { End = new SlotEnd(Now, EndsSessions: true) }],
        }).Verdict.PendingRevocation);

    /// <summary>The mutant: a limit at another place is said in place of an end that cannot be carried out.</summary>
    [Fact]
    public void Plan_UnreachableAndALimitElsewhere_SaysTheFirst() => Assert.StartsWith(
        "The suspension cannot be carried out",
        Plan(InSync with
        {
            Unreachable = "MailBackend 'dovecot' does not exist",
            Problem = new SpecProblem(Reasons.BackendUnavailable, "MailBackend 'dovecot' does not exist"),
            Secret = WithRetiring(new RetiringCredential("bbbbbb", Now.AddHours(1))),
            Slots = [],
            Stops = new Stops { IsSuspended = true, Networks = ["10.0.0.0/8"] },
            OtherPlaces = [Place(Slot("bbbbbb")) with { Capabilities = BackendCapabilities.Hash }],
        }).Verdict.PendingRevocation,
        StringComparison.Ordinal);

    /// <summary>The mutants: a password that is too wide stays, or goes although no other one can follow.</summary>
    [Fact]
    public void Plan_FixedProtocolsTooWide_EndsOnlyIfAnotherFollows()
    {
        MailDeviceSnapshot wide = InSync with
        {
            Capabilities = BackendCapabilities.Issued | BackendCapabilities.Overlap | BackendCapabilities.List,
            Stops = new Stops { Protocols = [MailProtocol.IMAP] },
        };

        Assert.Contains(Plan(wide).Changes, static change => change is Change.RemoveSlots);
        Assert.DoesNotContain(
            Plan(wide with { QuotaProblem = new SpecProblem(Reasons.QuotaExceeded, "full") }).Changes,
            static change => change is Change.RemoveSlots);
    }

    /// <summary>The mutant: the finalizer goes although a place could not be listed.</summary>
    [Fact]
    public void Plan_DeletedAndOnePlaceIsSilent_KeepsTheFinalizer()
    {
        MailDevicePlan plan = Plan(Deleted with
        {
            OtherPlaces =
            [
                Place(Slot("aaaaaa")),
                new SlotPlace("other") { Failure = new MailBackendException(BackendFailure.Unavailable, "no route") },
            ],
        });

        Assert.Contains(plan.Changes, static change => change is Change.RemoveAll { At: "dovecot" });
        Assert.DoesNotContain(plan.Changes, static change => change is Change.RemoveFinalizer);
    }

    private static void AssertEndsSessions(MailDeviceSnapshot device)
    {
        Slot[] refused = [.. Plan(device).Changes.OfType<Change.RefuseSlots>().SelectMany(static one => one.Slots)];

        Assert.Equal(["aaaaaa", "bbbbbb"], refused.Select(static slot => slot.Selector).Order());
        Assert.All(refused, static slot => Assert.True(slot.End!.EndsSessions));
    }

    private static MailDevicePlan Plan(MailDeviceSnapshot device) => MailDevicePlanner.Plan(device, Now);
}
