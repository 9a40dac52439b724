using MailOperator.Backends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>What the Secret and the status say about a slot.</summary>
public sealed class SlotPhasesTests
{
    private static readonly CredentialRecord Overlapping = Snapshots.Record with
    {
        Retiring = [new RetiringCredential("bbbbbb", Now.AddHours(1)), new RetiringCredential("cccccc", Now)],
    };

    /// <summary>
    /// The mutants: the end of another password counts, or the moment of an end belongs to the overlap.
    /// </summary>
    [Theory]
    [InlineData("aaaaaa", 600, SlotPhase.Current)]
    [InlineData("bbbbbb", 600, SlotPhase.Retiring)]
    [InlineData("cccccc", 600, SlotPhase.Ended)]
    [InlineData("xxxxxx", 119, SlotPhase.Uncommitted)]
    [InlineData("xxxxxx", 120, SlotPhase.Ended)]
    internal void Of_Slot_IsWhatItsOwnEndSays(string selector, int ageInSeconds, SlotPhase phase) => Assert.Equal(
        phase, SlotPhases.Of(Slot(selector, TimeSpan.FromSeconds(ageInSeconds)), InSync, Overlapping, Now));

    /// <summary>The mutant: at the end of the grace a slot is still one that nobody has read.</summary>
    [Theory]
    [InlineData(119, false)]
    [InlineData(120, true)]
    public void WasHandedOut_SlotThatTheStatusNeverShowed_OnceItsGraceIsOver(int ageInSeconds, bool wasHandedOut)
    {
        Slot slot = Slot("xxxxxx", TimeSpan.FromSeconds(ageInSeconds));

        Assert.Equal(wasHandedOut, SlotPhases.WasHandedOut(slot, InSync, Now));
    }

    /// <summary>The mutants: a replacement moves a known end, or takes that of another password.</summary>
    [Fact]
    public void Retire_EndIsKnown_NeverMovesItBack()
    {
        MailDeviceSnapshot device = InSync with
        {
            ReportedRetiring =
                [new RetiringCredential("cccccc", Now), new RetiringCredential("bbbbbb", Now.AddHours(1))],
        };

        Assert.Equal(Now.AddHours(1), SlotPhases.Retire("bbbbbb", Now.AddHours(2), device).At);
        Assert.Equal(Now.AddMinutes(1), SlotPhases.Retire("bbbbbb", Now.AddMinutes(1), device).At);
        Assert.Equal(Now.AddHours(2), SlotPhases.Retire("aaaaaa", Now.AddHours(2), device).At);
    }
}
