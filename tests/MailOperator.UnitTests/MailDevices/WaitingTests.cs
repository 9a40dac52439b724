using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>What a device says of itself while it waits for its turn.</summary>
public sealed class WaitingTests
{
    public static readonly TheoryData<string> Gone =
        ["absent", "edited", "in deletion", "slot", "ended now", "problem"];

    /// <summary>The mutants: it is Ready although what its password needs is gone.</summary>
    [Theory]
    [MemberData(nameof(Gone))]
    public void VerdictOn_PasswordDoesNotWork_IsNotReady(string what)
    {
        DeviceVerdict verdict = Waiting.VerdictOn(Without(what), "the minute is full", Now);

        Assert.Equal((ReadyStatus.False, Reasons.Pending), (verdict.Ready, verdict.Reason));
        Assert.Contains("the minute is full", verdict.Message, StringComparison.Ordinal);
    }

    /// <summary>The mutant: a device that waits for a rotation is not Ready although its password works.</summary>
    [Fact]
    public void VerdictOn_PasswordWorks_IsReady() =>
        Assert.Equal(ReadyStatus.True, Waiting.VerdictOn(InSync, "the minute is full", Now).Ready);

    /// <summary>
    /// The mutants: a chosen password that leaked is said to work until the next one, or one that is too wide is.
    /// </summary>
    [Fact]
    public void VerdictOn_PasswordIsRefusedUntilTheNext_SaysThatOneFollows()
    {
        MailDeviceSnapshot leaked = Chosen with
        {
            RotateAndRevokeToken = "leak",
            Source = new SourceState(Problem: null, IsInSecret: false),
        };
        MailDeviceSnapshot wide = InSync with
        {
            Capabilities = BackendCapabilities.Issued | BackendCapabilities.Overlap | BackendCapabilities.List,
            Stops = new Stops { Protocols = [MailProtocol.IMAP] },
        };

        Assert.Equal(
            ReadyStatus.True,
            Waiting.VerdictOn(leaked with { RotateAndRevokeToken = "" }, "the minute is full", Now).Ready);
        Assert.All((MailDeviceSnapshot[])[leaked, wide], static device => Assert.Equal(
            "A password will be issued; it waits for its turn: the minute is full",
            Waiting.VerdictOn(device, "the minute is full", Now).Message));
    }

    private static MailDeviceSnapshot Without(string what) => what switch
    {
        "absent" => InSync with { Secret = new SecretState.Absent() },
        "edited" => InSync with { Secret = Secret with { IsGenuine = false } },
        "in deletion" => InSync with { Secret = Secret with { IsDeleting = true } },
        "slot" => InSync with { Slots = [] },
        "ended now" => InSync with { RotateAndRevokeToken = "leak" },
        _ => InSync with { Desired = null },
    };
}
