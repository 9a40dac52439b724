using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Revocation;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>What ends at one MailBackend, at another place than the device's own too.</summary>
public sealed class PlaceRevocationTests
{
    private const BackendCapabilities Issued =
        BackendCapabilities.Issued | BackendCapabilities.Overlap | BackendCapabilities.List;

    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(2);
    private static readonly MailDeviceSnapshot Told = InSync with { PropagationDelay = Delay };

    private static readonly MailDeviceSnapshot Retained = Deleted with
    {
        DeletionPolicy = DeletionPolicy.Retain,
        OtherPlaces = [Place(Slot("aaaaaa")) with { IsRetentionAllowed = true }],
    };

    /// <summary>The mutants: without its finalizer a withdrawn device keeps what is left at the backend.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Changes_WithdrawnWithoutFinalizer_RemoveWhateverIsLeft(bool hasSlot, bool hasEndedSlot)
    {
        MailDeviceSnapshot bare = InSync with
        {
            IsGrantRevoked = true,
            Problem = new SpecProblem(Reasons.NotAllowed, "no grant"),
            HasFinalizer = false,
            Slots = hasSlot ? [Slot("aaaaaa")] : [],
            EndedSlots = hasEndedSlot ? [Ended("bbbbbb")] : [],
        };

        Assert.Contains(new Change.RemoveAll(), Plan(bare));
        Assert.Empty(Plan(bare with { Slots = [], EndedSlots = [] }));
    }

    /// <summary>The mutant: the policy for a deletion marks the slots of a device that lives.</summary>
    [Fact]
    public void Changes_LiveDeviceWithRetain_RetainNothing() => Assert.Empty(Plan(InSync with
    {
        DeletionPolicy = DeletionPolicy.Retain,
        OtherPlaces = [Place(Slot("aaaaaa")) with { IsRetentionAllowed = true }],
    }));

    /// <summary>
    /// The mutants: a suspension ends what is retained, or a slot that is retained already hides another.
    /// </summary>
    [Fact]
    public void Changes_Retained_MarkEverySlotAndEndNone()
    {
        MailDeviceSnapshot two = Retained with
        {
            OtherPlaces =
            [
                Retained.OtherPlaces[0] with
                {
                    Slots = [Slot("aaaaaa") with { IsRetained = true }, Slot("bbbbbb")],
                    Capabilities = Issued,
                },
            ],
        };

        foreach (MailDeviceSnapshot device in (MailDeviceSnapshot[])[two, two.Suspended()])
        {
            Change.RetainSlots retain = Assert.Single(Plan(device).OfType<Change.RetainSlots>());
            Assert.Equal("dovecot", retain.At);
            Assert.Equal(["aaaaaa", "bbbbbb"], retain.Slots.Select(static slot => slot.Selector));
            Assert.DoesNotContain(Plan(device), static one => one is Change.RemoveAll or Change.RemoveSlots);
        }
    }

    /// <summary>The mutant: a password that is narrow enough ends.</summary>
    [Fact]
    public void Changes_FixedProtocolsNarrowEnough_AreNone() => Assert.Empty(Plan(InSync with
    {
        Capabilities = Issued,
        Stops = new Stops { Protocols = [MailProtocol.SMTP, MailProtocol.IMAP, MailProtocol.POP3] },
    }));

    /// <summary>
    /// The mutants: an overlap that ended before the device keeps its sessions, or is not refused again.
    /// </summary>
    [Fact]
    public void Changes_ExpiredWhileAnOverlapEnds_EndItsSessionsToo()
    {
        Slot overlap = PlaceRevocation.Refused(Slot("bbbbbb"), new SlotEnd(Now.AddHours(-1), EndsSessions: false));
        MailDeviceSnapshot expired = Told.EndingAt(Now) with { Slots = [], EndedSlots = [overlap] };

        Slot again = Assert.Single(Assert.Single(Plan(expired).OfType<Change.RefuseSlots>()).Slots);
        Assert.Equal(("bbbbbb", new SlotEnd(Now, EndsSessions: true)), (again.Selector, again.End));
        Assert.DoesNotContain(
            Plan(expired with { EndedSlots = [Ended("bbbbbb")] }), static one => one is Change.RefuseSlots);
    }

    /// <summary>The mutants: what ends at another place is sent to the device's own.</summary>
    [Fact]
    public void Changes_AtAnotherPlace_NameIt()
    {
        SlotPlace other = Place(Slot("bbbbbb")) with { EndedSlots = [Ended("cccccc")], PropagationDelay = Delay };
        MailDeviceSnapshot suspended = InSync.Suspended() with
        {
            Secret = WithRetiring(new RetiringCredential("bbbbbb", Now.AddHours(1))),
            OtherPlaces = [other],
        };

        Change.OfRevocation[] changes =
            [.. Plan(suspended).OfType<Change.OfRevocation>().Where(static one => one.At == "dovecot")];

        Assert.Equal(
            [typeof(Change.LimitSlots), typeof(Change.TellMailServers), typeof(Change.RemoveSlots)],
            changes.Select(static one => one.GetType()));
    }

    /// <summary>
    /// The mutants: the status calls a suspension complete when another place's servers have heard of it.
    /// </summary>
    [Fact]
    public void Changes_SuspendedAtAnotherPlace_CompleteNothing()
    {
        SlotPlace other = Place(Slot("bbbbbb") with { Restrictions = Restrictions with { IsSuspended = true } });

        Assert.DoesNotContain(
            Plan(InSync.Suspended() with
            {
                Secret = WithRetiring(new RetiringCredential("bbbbbb", Now.AddHours(1))),
                OtherPlaces = [other with { PropagationDelay = Delay }],
            }),
            static one => one is Change.TellMailServers);
    }

    /// <summary>The mutants: of several slots only one decides whether sessions end.</summary>
    [Fact]
    public void Changes_OneOfTwoEndsSessions_EndThem()
    {
        MailDeviceSnapshot revokedToo = InSync with
        {
            Secret = WithRetiring(new RetiringCredential("bbbbbb", Now)),
            Slots = [Slot("aaaaaa"), Slot("bbbbbb"), Slot("xxxxxx")],
        };
        MailDeviceSnapshot told = Told with { EndedSlots = [Ended("bbbbbb"), Overlapped("cccccc")] };

        Assert.True(Assert.Single(Plan(revokedToo).OfType<Change.RemoveSlots>()).EndsSessions);
        Assert.True(Assert.Single(Plan(told).OfType<Change.TellMailServers>()).EndsSessions);
    }

    /// <summary>
    /// The mutants: the servers flush another mailbox than that of what ended, or of what is suspended.
    /// </summary>
    [Fact]
    public void Changes_ToldMailboxes_AreThoseOfWhatEnded()
    {
        MailDeviceSnapshot moved = Told with { EndedSlots = [Ended("bbbbbb") with { Mailbox = "old@example.com" }] };
        MailDeviceSnapshot suspended = Told.Suspended() with
        {
            Slots = [Slot("aaaaaa") with { Restrictions = Restrictions with { IsSuspended = true } }],
            SuspendedSince = Now.AddSeconds(-3),
        };

        Assert.Equal(["old@example.com"], Mailboxes(moved).AsEnumerable());
        Assert.Equal(["alerts@example.com"], Mailboxes(suspended).AsEnumerable());
        Assert.Equal(
            ["alerts@example.com", "old@example.com"],
            Mailboxes(suspended with { EndedSlots = moved.EndedSlots }).Order(StringComparer.Ordinal));
    }

    /// <summary>The mutants: nothing looks again when the mail servers must refuse a password.</summary>
    [Fact]
    public void NextLooks_EndOrSuspensionNotPropagated_AreAtItsEnd()
    {
        MailDeviceSnapshot suspended = Told.Suspended() with
        {
            Slots = [Slot("aaaaaa") with { Restrictions = Restrictions with { IsSuspended = true } }],
            SuspendedSince = Now,
        };
        Slot ending = PlaceRevocation.Refused(Slot("bbbbbb"), new SlotEnd(Now, EndsSessions: true));

        Assert.Equal(TimeSpan.FromSeconds(3), MailDevicePlanner.Plan(suspended, Now).RecheckAfter);
        Assert.Equal(
            TimeSpan.FromSeconds(3),
            MailDevicePlanner.Plan(Told with { EndedSlots = [ending] }, Now).RecheckAfter);
    }

    /// <summary>The mutants: a slot that is limited counts as it was before, or another in its place.</summary>
    [Fact]
    public void WorldAfter_OneOfTwoLimited_IsAsTheBackendHasItThen()
    {
        Slot refused = Slot("aaaaaa") with { Restrictions = Restrictions with { IsSuspended = true } };
        MailDevicePlan plan = MailDevicePlanner.Plan(
            InSync.Suspended() with
            {
                Secret = WithRetiring(new RetiringCredential("bbbbbb", Now.AddHours(1))),
                Slots = [refused, Slot("bbbbbb")],
            },
            Now);

        Assert.Equal(
            "bbbbbb", Assert.Single(Assert.IsType<Change.LimitSlots>(Assert.Single(plan.Changes)).Slots).Selector);
    }

    /// <summary>The mutant: a slot that is refused again is there twice.</summary>
    [Fact]
    public void WorldAfter_RefusedAgain_HasItOnce()
    {
        Slot again = Ended("bbbbbb");
        MailDeviceSnapshot after = WorldAfter.Of(
            Told with { EndedSlots = [Overlapped("bbbbbb"), Ended("cccccc")] }, [new Change.RefuseSlots([again])]);

        Assert.Equal([Ended("cccccc"), again], after.EndedSlots.AsEnumerable());
    }

    private static ImmutableArray<Change> Plan(MailDeviceSnapshot device) =>
        MailDevicePlanner.Plan(device, Now).Changes;

    private static ImmutableArray<string> Mailboxes(MailDeviceSnapshot device) =>
        Assert.Single(Plan(device).OfType<Change.TellMailServers>()).Mailboxes;

    private static Slot Ended(string selector) =>
        PlaceRevocation.Refused(Slot(selector), new SlotEnd(Now.AddHours(-1), EndsSessions: true));

    private static Slot Overlapped(string selector) =>
        PlaceRevocation.Refused(Slot(selector), new SlotEnd(Now.AddHours(-1), EndsSessions: false));
}
