using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Credentials;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

public sealed class MailDeviceStatusOfTests
{
    private static readonly CredentialRecord Rotated = Snapshots.Record with
    {
        Retiring =
        [
            new RetiringCredential("bbbbbb", Now.AddHours(1)),
            new RetiringCredential("cccccc", Now), // over
            new RetiringCredential("dddddd", Now.AddHours(2)), // the backend has lost it
        ],
    };

    private static readonly MailDeviceSnapshot Rotating = InSync with
    {
        Desired = Desired with
        {
            Lifetime = Desired.Lifetime with { Interval = TimeSpan.FromDays(90), ExpiresAt = Now.AddDays(30) },
        },
        Secret = Secret with { Credential = Rotated },
        Slots = [Slot("aaaaaa"), Slot("bbbbbb"), Slot("cccccc"), Slot("xxxxxx")],
    };

    [Fact]
    public void StatusOf_OverlapRunning_ShowsOnlyAcceptedCredentials() => Assert.Equal(
        [
            new CredentialStatus
            {
                Id = "aaaaaa",
                State = CredentialState.Current,
                IssuedAt = Snapshots.Record.IssuedAt,
            },
            new CredentialStatus { Id = "bbbbbb", State = CredentialState.Retiring, RetireAt = Now.AddHours(1) },
        ],
        StatusOf(Rotating).Credentials!);

    [Theory]
    [InlineData(null, 0, 0)] // no status yet: the observed time
    [InlineData(0, 59, 0)] // within the hour: the reported time
    [InlineData(0, 60, 60)]
    [InlineData(0, null, 0)] // after a restart nothing is observed: the reported time stays
    public void StatusOf_LastUse_ChangesOnceAnHour(int? reported, int? observed, int expected)
    {
        MailDeviceStatus status = StatusOf(
            InSync with { LastUse = UseAt(observed) }, new MailDeviceStatus { LastUse = UseAt(reported) });

        Assert.Equal(UseAt(expected), status.LastUse);

        static LastUse? UseAt(int? minutes) => minutes is { } after
            ? new LastUse { Time = Now.AddMinutes(after), Address = "10.0.0.7", Protocol = MailProtocol.IMAP }
            : null;
    }

    [Fact]
    public void StatusOf_Times_ComeFromSecretAndSpec()
    {
        MailDeviceStatus status = StatusOf(Rotating);

        Assert.Equal(Snapshots.Record.IssuedAt, status.IssuedAt);
        Assert.Equal(RotationSchedule.Next("uid-a", Rotated, TimeSpan.FromDays(90)), status.NextRotationTime);
        Assert.Equal(Now.AddDays(30), status.ExpiresAt);
        Assert.Null(StatusOf(InSync, status).NextRotationTime); // the interval was removed
        Assert.Null(StatusOf(InSync, status).ExpiresAt);
    }

    [Fact]
    public void StatusOf_RotateToken_IsShownOnceItIsHandled()
    {
        Assert.Equal("one", StatusOf(InSync with { RotateToken = "two" }).LastHandledRotation);
        Assert.Null(StatusOf(InSync with
        {
            Secret = Secret with { Credential = Snapshots.Record with { HandledRotation = "" } },
        }).LastHandledRotation);
    }

    [Fact]
    public void StatusOf_RequestedAt_IsEchoed()
    {
        MailDevice device = Device();
        device.Metadata.Annotations = new Dictionary<string, string>
        {
            [Annotations.ReconcileRequestedAt] = "2026-11-24T12:00:00.123456789Z",
        };

        // Unchanged: tools compare it as text.
        Assert.Equal("2026-11-24T12:00:00.123456789Z", StatusOf(InSync, device: device).LastHandledReconcileAt);
    }

    [Fact]
    public void StatusOf_HeldBeforeItsFinalizer_NamesNoBackend() =>
        // A device stays at the backend that its status names. Before the finalizer it has nothing there, and its
        // spec.backendRef can be corrected.
        Assert.Null(StatusOf(InSync with
        {
            HasFinalizer = false,
            MayHaveSlots = false,
            Secret = null,
            Slots = [],
            QuotaProblem = new SpecProblem(Reasons.QuotaExceeded, "full"),
        }).Backend);

    [Fact]
    public void StatusOf_NotObserved_KeepsTheEarlierStatus()
    {
        MailDeviceStatus before = StatusOf(Rotating);
        MailDeviceSnapshot[] blind =
        [
            InSync with
            {
                Problem = new SpecProblem(Reasons.NotAllowed, "no grant"),
                Desired = null,
                Secret = null,
                Slots = [],
            },
            InSync with { IsPaused = true, Desired = null, Secret = null, Slots = [] },
            Deleted with { Desired = null },
        ];

        Assert.All(blind, snapshot =>
        {
            MailDeviceStatus after = StatusOf(snapshot, before);
            Assert.Equal(
                (
                    before.Backend, before.Username, before.Binding!.Name, before.IssuedAt, before.NextRotationTime,
                    before.ExpiresAt, before.LastHandledRotation),
                (
                    after.Backend, after.Username, after.Binding!.Name, after.IssuedAt, after.NextRotationTime,
                    after.ExpiresAt, after.LastHandledRotation));
            Assert.Equal(before.Credentials, after.Credentials);
        });
    }

    [Fact]
    public void StatusOf_ForgedSecretWhileTheBackendIsDown_RepeatsNothingOfIt()
    {
        // The year 9999 plus an interval overflows, which would end every pass before the status reports the failure.
        CredentialRecord forged = Snapshots.Record with
        {
            Selector = "forged",
            IssuedAt = DateTimeOffset.MaxValue,
            HandledRotation = "forged",
        };
        MailDeviceStatus before = StatusOf(Rotating);

        MailDeviceStatus after = StatusOf(
            Rotating with { Secret = Secret with { IsGenuine = false, Credential = forged } }, before,
            new MailBackendException(BackendFailure.Unavailable, "x"));

        Assert.Equal(
            (before.IssuedAt, before.NextRotationTime, before.LastHandledRotation),
            (after.IssuedAt, after.NextRotationTime, after.LastHandledRotation));
        Assert.Equal(before.Credentials, after.Credentials);
    }

    [Fact]
    public void StatusOf_ExpiredAndBackendDown_StillShowsTheCredentials()
    {
        MailDeviceStatus before = StatusOf(InSync);
        MailDeviceSnapshot expired = InSync.EndingAt(Now) with
        {
            Secret = null,
            Slots = [],
        };

        Assert.Equal(
            before.Credentials,
            StatusOf(expired, before, new MailBackendException(BackendFailure.Unavailable, "x")).Credentials);
        Assert.Null(StatusOf(expired with { Secret = new SecretState.Absent() }, before).Credentials);
    }

    [Fact]
    public void StatusOf_Again_IsIdentical()
    {
        foreach (MailDeviceSnapshot snapshot in (MailDeviceSnapshot[])[
            InSync, Rotating, Deleted, InSync with { Secret = new SecretState.Foreign("x") }])
        {
            MailDeviceStatus once = StatusOf(snapshot);

            Assert.Equal(ApiJson.Serialize(once), ApiJson.Serialize(StatusOf(snapshot, once, at: Now.AddMinutes(10))));
        }
    }

    [Fact]
    public void StatusOf_AnyState_HoldsNoHash() =>
        Assert.DoesNotContain("$2y$", System.Text.Encoding.UTF8.GetString(ApiJson.Serialize(StatusOf(Rotating))));

    private static MailDeviceStatus StatusOf(
        MailDeviceSnapshot observed,
        MailDeviceStatus? before = null,
        MailBackendException? failure = null,
        MailDevice? device = null,
        DateTimeOffset? at = null) =>
        MailDeviceStatusWriter.StatusOf(
            device ?? Device(), before ?? new MailDeviceStatus(), observed, MailDevicePlanner.Plan(observed, Now),
            failure, at ?? Now);

    private static MailDevice Device() =>
        new() { Metadata = new() { Name = "grafana", NamespaceProperty = "shop", Uid = "uid-a", Generation = 4 } };
}
