using MailOperator.Api;
using MailOperator.MailDevices.Planning;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>What follows from the parts of a change and of the outcome of a plan.</summary>
public sealed class ChangeTests
{
    /// <summary>The mutants: what was lost or asked for counts as scheduled, and waits for the others' turn.</summary>
    [Theory]
    [InlineData(true, Reasons.Rotating, true)]
    [InlineData(true, Reasons.SecretTampered, false)]
    [InlineData(false, Reasons.Rotating, false)]
    public void IsScheduled_Issue_OnlyIfItsIntervalIsOver(bool isUnasked, string reason, bool isScheduled) =>
        Assert.Equal(
            isScheduled,
            new Change.IssueCredential(reason, [], Overwrites: null) { IsUnasked = isUnasked }.IsScheduled);

    /// <summary>The mutants: a pass that waits, or has failed, goes on at once; one that may go on does not.</summary>
    [Fact]
    public void CallsForAnotherRound_Outcome_OnlyIfThereMayBeMoreToDo()
    {
        var changed = new PlanOutcome { HasChanged = true };

        Assert.True(changed.CallsForAnotherRound);
        Assert.False(new PlanOutcome().CallsForAnotherRound);
        Assert.False((changed with { WaitsForWatch = true }).CallsForAnotherRound);
        Assert.False((changed with { RecheckAfter = TimeSpan.FromSeconds(1) }).CallsForAnotherRound);
        Assert.True(changed.AreEndsDone);
    }
}
