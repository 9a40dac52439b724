using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>What one failure holds back of the rest of a plan.</summary>
public sealed class PlanRunTests
{
    private static readonly MailBackendException Away = new(BackendFailure.Unavailable, "no route");
    private static readonly MailBackendException Deaf = new(BackendFailure.NotFollowed, "not told");
    private static readonly Change.RemoveFinalizer Last = new();

    /// <summary>The mutant: after any failure no other end is tried.</summary>
    [Fact]
    public void IsToTry_FailureAtOneBackend_StopsOnlyWhatFollowsThere()
    {
        PlanRun run = Failed(InSync, Away);

        Assert.False(run.IsToTry(new Change.RemoveAll()));
        Assert.True(run.IsToTry(new Change.RemoveAll { At = "other" }));
    }

    /// <summary>The mutant: an end is tried at a backend whose slots could not be listed.</summary>
    [Fact]
    public void IsToTry_BackendThatWasNotListed_IsNotTried()
    {
        var run = new PlanRun(Deleted with { OtherPlaces = [Place() with { Failure = Away }, new SlotPlace("other")] });

        Assert.False(run.IsToTry(new Change.RemoveAll { At = "dovecot" }));
        Assert.True(run.IsToTry(new Change.RemoveAll { At = "other" }));
        Assert.Equal(Away, run.Worst);
    }

    /// <summary>The mutant: a mail server that cannot be told holds back a new password.</summary>
    [Fact]
    public void HoldsBack_MailServerWasNotTold_NoNewPassword() =>
        Assert.False(Failed(InSync, Deaf).HoldsBack(new Change.PutSlots([])));

    /// <summary>The mutant: a right is given although a password that was to end may still work.</summary>
    [Fact]
    public void HoldsBack_BackendHasNotEndedAPassword_EverythingButTheConfirmation()
    {
        PlanRun run = Failed(InSync, Away);

        Assert.True(run.HoldsBack(new Change.PutSlots([])));
        Assert.False(run.HoldsBack(new Change.ConfirmTokens()));
        run.Failed(new Change.RemoveAll { At = "other" }, Deaf);
        Assert.True(run.HoldsBack(new Change.PutSlots([]))); // mutant: it holds only if every place has failed so
    }

    /// <summary>The mutants: the object, its finalizer or its Secret goes before the last server has heard.</summary>
    [Fact]
    public void HoldsBack_MailServerWasNotTold_TheLastSteps()
    {
        Assert.True(Failed(Deleted, Deaf).HoldsBack(new Change.AnnounceEnd(IsRetained: false)));
        Assert.True(Failed(InSync with { IsGrantRevoked = true }, Deaf).HoldsBack(new Change.AddFinalizer()));
        Assert.True(Failed(InSync, Deaf).HoldsBack(Last));
    }

    /// <summary>The mutant: a revocation that somebody gave up still waits.</summary>
    [Fact]
    public void HoldsBack_Abandoned_Nothing()
    {
        PlanRun run = Failed(Deleted with { AbandonToken = Deleted.Uid }, Away);

        Assert.False(run.HoldsBack(Last));
        Assert.True(run.IsToTry(new Change.RemoveAll()));
    }

    /// <summary>The mutant: the mail server is told, and that a password works is not.</summary>
    [Fact]
    public void Worst_SeveralFailures_IsThatOfTheBackend()
    {
        PlanRun run = Failed(InSync, Deaf);
        run.Failed(new Change.RemoveAll { At = "other" }, Away);

        Assert.Equal(Away, run.Worst);
        Assert.Equal(2, run.Failures.Count);
        Assert.Null(new PlanRun(InSync).Worst);
    }

    private static PlanRun Failed(MailDeviceSnapshot device, MailBackendException failure)
    {
        var run = new PlanRun(device);
        run.Failed(new Change.RemoveAll(), failure);
        return run;
    }
}
