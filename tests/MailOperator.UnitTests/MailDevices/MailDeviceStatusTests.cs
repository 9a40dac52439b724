using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

public sealed class MailDeviceStatusTests
{
    [Fact]
    public void Status_InSync_IsReadyWithNothingAbnormal()
    {
        MailDeviceStatus status = StatusOf(InSync);

        Assert.Equal(["Ready=True", "CredentialIssued=True", "BackendSynced=True"], Said(status));
        Assert.Equal(("dovecot", "grafana", 4L), (status.Backend, status.Binding!.Name, status.ObservedGeneration));
        Assert.All(status.Conditions!, condition => Assert.Equal(4, condition.ObservedGeneration));
        Assert.Equal("aaaaaa", Assert.Single(status.Credentials!).Id);
    }

    [Fact]
    public void Status_FirstPass_HasReadyUnknownAndReconciling() =>
        Assert.Equal(
            ["Ready=Unknown", "CredentialIssued=Unknown", "BackendSynced=Unknown", "Reconciling=True"],
            Said(StatusOf(InSync with { HasFinalizer = false, Secret = null, Slots = [] })));

    [Fact]
    public void Status_Stalled_IsNotReconciling()
    {
        // kstatus takes either one for "not ready yet". With both, a pipeline would wait forever.
        MailDeviceStatus status = StatusOf(
            InSync with { Problem = new SpecProblem(Reasons.NotAllowed, "no grant"), Desired = null, Secret = null });

        Assert.Contains("Stalled=True", Said(status));
        Assert.DoesNotContain("Reconciling=True", Said(status));
    }

    [Fact]
    public void Status_BackendFails_SaysWhyAndIsReconciling()
    {
        MailDeviceStatus status = StatusOf(
            InSync, failure: new MailBackendException(BackendFailure.Unauthorized, "no right to write"));

        Assert.Equal(["Ready=False", "CredentialIssued=True", "BackendSynced=False", "Reconciling=True"], Said(status));
        Assert.Equal(
            (Reasons.BackendUnauthorized, "no right to write"),
            (status.Conditions![0].Reason, status.Conditions[0].Message));
    }

    [Fact]
    public void Status_RevocationFails_SaysHowToAbandonIt()
    {
        MailDeviceStatus status = StatusOf(
            Deleted, failure: new MailBackendException(BackendFailure.Unavailable, "no route"));

        Condition pending = status.Conditions!.Single(condition => condition.Type == ConditionTypes.RevocationPending);
        Assert.Equal(Reasons.RevocationBlocked, pending.Reason);
        Assert.Contains("no route", pending.Message);
        Assert.Contains("mailoperator.io/abandon-revocation: uid-a", pending.Message);
    }

    [Fact]
    public void Status_Again_KeepsTheTimesOfUnchangedConditions()
    {
        MailDeviceStatus before = StatusOf(InSync);

        MailDeviceStatus same = StatusOf(InSync, before, later: TimeSpan.FromHours(1));
        MailDeviceStatus failed = StatusOf(
            InSync, before, later: TimeSpan.FromHours(1),
            failure: new MailBackendException(BackendFailure.Unavailable, "x"));

        Assert.All(same.Conditions!, condition => Assert.Equal(Now, condition.LastTransitionTime));
        Assert.Equal(Now.AddHours(1), failed.Conditions![0].LastTransitionTime);
        Assert.Equal(Now, failed.Conditions.Single(
            condition => condition.Type == ConditionTypes.CredentialIssued).LastTransitionTime);
    }

    [Theory]
    [InlineData("True")]
    [InlineData("False")]
    public void Status_Paused_KeepsReady(string ready)
    {
        MailDeviceStatus before = StatusOf(InSync);
        before.Conditions![0] = before.Conditions[0] with { Status = ready };

        MailDeviceStatus status = StatusOf(InSync with { IsPaused = true, Secret = null, Desired = null }, before);

        Assert.Equal((ready, Reasons.Paused), (status.Conditions![0].Status, status.Conditions[0].Reason));
        Assert.Equal(before.Credentials, status.Credentials);
    }

    [Fact]
    public void Status_Expired_ShowsNoCredentialAndIsNotReconciling()
    {
        MailDeviceSnapshot expired = InSync.EndingAt(Now) with
        {
            Slots = [],
            Secret = new SecretState.Absent(),
        };

        MailDeviceStatus status = StatusOf(expired, StatusOf(InSync));

        Assert.Null(status.Binding);
        Assert.Null(status.Credentials);
        Assert.Equal(Now, status.ExpiresAt);
        Assert.Contains("Expired=True", Said(status));
        Assert.DoesNotContain("Reconciling=True", Said(status));
    }

    [Fact]
    public void Status_GrantWithdrawn_StillShowsTheCredential()
    {
        MailDeviceStatus status = StatusOf(
            InSync with { Problem = new SpecProblem(Reasons.NotAllowed, "no grant"), Desired = null, Secret = null },
            StatusOf(InSync));

        Assert.Equal("aaaaaa", Assert.Single(status.Credentials!).Id);
        Assert.Equal("dovecot", status.Backend);
        Assert.Contains("CredentialIssued=True", Said(status));
    }

    private static MailDeviceStatus StatusOf(
        MailDeviceSnapshot observed,
        MailDeviceStatus? before = null,
        TimeSpan later = default,
        MailBackendException? failure = null)
    {
        var device = new MailDevice
        {
            Metadata = new() { Name = "grafana", NamespaceProperty = "shop", Uid = "uid-a", Generation = 4 },
        };
        DateTimeOffset now = Now + later;
        return MailDeviceStatusWriter.StatusOf(
            device, before ?? new MailDeviceStatus(), observed, MailDevicePlanner.Plan(observed, now), failure, now);
    }

    private static IEnumerable<string> Said(MailDeviceStatus status) =>
        status.Conditions!.Select(condition => $"{condition.Type}={condition.Status}");
}
