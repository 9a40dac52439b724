using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailDevices.Status;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>What a device says whose plan was not carried out.</summary>
public sealed class FailedVerdictTests
{
    private static readonly DeviceVerdict IsReady =
        new(ReadyStatus.True, Reasons.Issued, "fine") { AreEndsDone = true };

    private static readonly DeviceVerdict Held =
        new(ReadyStatus.False, Reasons.NotAllowed, "no grant") { IsHold = true, AreEndsDone = true };

    /// <summary>The mutants: some failures of a deletion are not said, or not how to give it up.</summary>
    [Theory]
    [InlineData(nameof(BackendFailure.Unavailable))]
    [InlineData(nameof(BackendFailure.NotFollowed))]
    [InlineData(nameof(BackendFailure.MailboxNotFound))]
    public void Of_Deleted_SaysThatThePasswordMayWork(string failure)
    {
        DeviceVerdict verdict = Of(Deleted, IsReady, Enum.Parse<BackendFailure>(failure));

        Assert.Equal((ReadyStatus.False, Reasons.RevocationBlocked), (verdict.Ready, verdict.Reason));
        Assert.True(verdict.IsRevocationBlocked);
        Assert.Equal(verdict.Message, verdict.PendingRevocation);
        Assert.Contains(Deleted.Uid, verdict.Message, StringComparison.Ordinal);
    }

    /// <summary>The mutants: a mail server that was not told is not said, or takes Ready away.</summary>
    [Fact]
    public void Of_MailServerWasNotTold_IsBlockedAndReadyStays()
    {
        DeviceVerdict verdict = Of(InSync, IsReady, BackendFailure.NotFollowed);

        Assert.Equal(ReadyStatus.True, verdict.Ready);
        Assert.True(verdict.IsRevocationBlocked);
        Assert.NotNull(verdict.PendingRevocation);
    }

    /// <summary>The mutant: a failure hides why nothing is given.</summary>
    [Fact]
    public void Of_Held_KeepsItsReason() =>
        Assert.Equal(Held, Of(InSync, Held, BackendFailure.Unavailable));

    /// <summary>The mutant: a device is called expired although its password was not ended.</summary>
    [Fact]
    public void Of_ExpiryThatFailed_IsNotExpired()
    {
        DeviceVerdict verdict = Of(
            InSync.EndingAt(Now),
            new DeviceVerdict(ReadyStatus.False, Reasons.Expired, "ended") { IsHold = true },
            BackendFailure.Unavailable);

        Assert.Equal(Reasons.BackendUnavailable, verdict.Reason);
        Assert.StartsWith("The expiry", verdict.PendingRevocation, StringComparison.Ordinal);
        Assert.True(verdict.IsRevocationBlocked);
    }

    /// <summary>The mutants: a stop that was not carried out is not said, or one that was is.</summary>
    [Fact]
    public void Of_Suspended_IsPendingUntilItWasDone()
    {
        MailDeviceSnapshot suspended = InSync.Suspended();

        Assert.StartsWith(
            "The suspension",
            Of(suspended, IsReady with { AreEndsDone = false }, BackendFailure.Unavailable).PendingRevocation,
            StringComparison.Ordinal);
        Assert.Null(Of(suspended, IsReady, BackendFailure.Unavailable).PendingRevocation);
    }

    public static readonly TheoryData<string, string?> Stopped = new()
    {
        { "nothing", null },
        { "withdrawn", "The end that follows the withdrawn grant" },
        { "deleted", "The end that follows the deletion" },
        { "expired", "The expiry" },
        { "leak", $"The end that {Annotations.RotateAndRevoke} asks for" },
        { "overlap", "The end of an overlap" },
        { "overlap running", null },
        { "user", "The suspension of MailUser 'ada'" },
        { "suspended", "The suspension" },
        { "sending", "sending: Denied of the MailUser" },
        { "networks", "A limit of spec.protocols or spec.allowedNetworks" },
    };

    /// <summary>The mutants: a stop is not known, or one beyond the limits is hidden by IsEnforced.</summary>
    [Theory]
    [MemberData(nameof(Stopped))]
    public void Unconfirmed_EachStop_IsNamedUntilItIsEnforced(string what, string? named)
    {
        MailDeviceSnapshot device = Under(what);
        bool isLimit = device.Stops.LimitAnything;

        Assert.Equal(named, MailOperator.MailDevices.Revocation.StopsInForce.Unconfirmed(device, Now));
        Assert.Equal(
            isLimit ? null : named,
            MailOperator.MailDevices.Revocation.StopsInForce.Unconfirmed(device with { IsEnforced = true }, Now));
    }

    private static MailDeviceSnapshot Under(string what) => what switch
    {
        "withdrawn" => InSync with { IsGrantRevoked = true },
        "deleted" => Deleted,
        "expired" => InSync.EndingAt(Now),
        "leak" => InSync with { RotateAndRevokeToken = "leak" },
        "overlap" => InSync with { ReportedRetiring = [new RetiringCredential("bbbbbb", Now)] },
        "overlap running" => InSync with { ReportedRetiring = [new RetiringCredential("bbbbbb", Now.AddSeconds(1))] },
        "user" => InSync with { Stops = new Stops { IsSuspended = true, SuspendedUser = "ada" } },
        "suspended" => InSync.Suspended(),
        "sending" => InSync with { Stops = new Stops { MaySend = false } },
        "networks" => InSync with { Stops = new Stops { Networks = ["10.0.0.0/8"] } },
        _ => InSync,
    };

    private static DeviceVerdict Of(MailDeviceSnapshot observed, DeviceVerdict verdict, BackendFailure failure) =>
        FailedVerdict.Of(observed, verdict, new MailBackendException(failure, "it failed."), Now);
}
