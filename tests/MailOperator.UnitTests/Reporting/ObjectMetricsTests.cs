using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Reporting;
using MailOperator.Tests;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Reporting;

public sealed class ObjectMetricsTests
{
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly RuntimeMetrics _metrics = new();
    private readonly ObjectStore<MailDevice> _devices = new();
    private readonly ObjectStore<MailUser> _users = new();
    private readonly ObjectStore<MailBackend> _backends = new();
    private readonly ObjectStore<DeviceInvitation> _invitations = new();

    public ObjectMetricsTests() => _ = new ObjectMetrics(
        _metrics, _devices, _users, _backends, _invitations, new FakeTimeProvider(Now))
        .StartAsync(CancellationToken.None);

    [Fact]
    public void Devices_ByReadyAndReason_AreCounted()
    {
        Put("a", Ready("True", Reasons.Issued));
        Put("b", Ready("True", Reasons.Issued));
        Put("c", Ready("False", Reasons.NotAllowed));
        Put("d");

        IReadOnlyDictionary<string, double> shown = Shown();

        Assert.Equal(2, shown["mail_operator_devices{ready=\"true\",reason=\"Issued\"}"]);
        Assert.Equal(1, shown["mail_operator_devices{ready=\"false\",reason=\"NotAllowed\"}"]);
        Assert.Equal(1, shown["mail_operator_devices{ready=\"unknown\",reason=\"New\"}"]);
    }

    [Fact]
    public void Devices_NoneWithAReasonAnyMore_TakesItOut()
    {
        // Mutant: leave what was published; a device that was refused once is refused for ever.
        Put("a", Ready("False", Reasons.NotAllowed));
        Shown();
        Put("a", Ready("True", Reasons.Issued));

        IReadOnlyDictionary<string, double> shown = Shown();

        Assert.DoesNotContain("mail_operator_devices{ready=\"false\",reason=\"NotAllowed\"}", shown.Keys);
        Assert.Equal(1, shown["mail_operator_devices{ready=\"true\",reason=\"Issued\"}"]);
    }

    [Fact]
    public void Revocations_Pending_TellTheOldestAndTheBlocked()
    {
        Put("a", Pending(Reasons.Retiring, minutes: 5));
        Put("b", Pending(Reasons.RevocationBlocked, minutes: 20));
        Put("c", Pending(Reasons.RevocationBlocked, minutes: 10));

        IReadOnlyDictionary<string, double> shown = Shown();

        Assert.Equal(1200, shown["mail_operator_oldest_pending_revocation_seconds{kind=\"MailDevice\"}"]);
        Assert.Equal(0, shown["mail_operator_oldest_pending_revocation_seconds{kind=\"MailUser\"}"]);
        Assert.Equal(2, shown["mail_operator_blocked_ends{kind=\"MailDevice\"}"]);
        Assert.Equal(
            3, shown["mail_operator_conditions{kind=\"MailDevice\",type=\"RevocationPending\",status=\"true\"}"]);
    }

    [Fact]
    public void Times_OfAllDevices_AreTheEarliest()
    {
        Put("a", status => (status.IssuedAt, status.NextRotationTime) = (Now.AddDays(-9), Now.AddHours(-1)));
        Put("b", status => (status.IssuedAt, status.NextRotationTime) = (Now.AddDays(-1), Now.AddHours(1)));
        Put("c", status => status.ExpiresAt = Now.AddDays(-1)); // it has expired: not the next
        Put("d", status => status.ExpiresAt = Now.AddDays(2));

        IReadOnlyDictionary<string, double> shown = Shown();

        Assert.Equal(9 * 86400, shown["mail_operator_oldest_password_seconds"]);
        Assert.Equal(3600, shown["mail_operator_rotation_overdue_seconds"]);
        Assert.Equal(
            Now.AddDays(2).ToUnixTimeSeconds(), shown["mail_operator_next_expiry_timestamp_seconds"]);
    }

    [Fact]
    public void Times_NoDevice_AreZeroOrAbsent()
    {
        IReadOnlyDictionary<string, double> shown = Shown();

        Assert.Equal(0, shown["mail_operator_oldest_password_seconds"]);
        Assert.Equal(0, shown["mail_operator_rotation_overdue_seconds"]);
        Assert.DoesNotContain("mail_operator_next_expiry_timestamp_seconds", shown.Keys);
    }

    [Fact]
    public void Backends_EachByName_TellWhetherTheyAreReady()
    {
        _backends.Put(new MailBackend
        {
            Metadata = new() { Name = "dovecot" },
            Status = new MailBackendStatus { Conditions = [Ready("True", Reasons.BackendReady)] },
        });
        _backends.Put(new MailBackend { Metadata = new() { Name = "new" } });

        IReadOnlyDictionary<string, double> shown = Shown();

        Assert.Equal(1, shown["mail_operator_backend_ready{backend=\"dovecot\"}"]);
        Assert.Equal(0, shown["mail_operator_backend_ready{backend=\"new\"}"]);
    }

    private IReadOnlyDictionary<string, double> Shown() => MetricsPage.Read(_metrics).Samples;

    private void Put(string name, params Condition[] conditions) =>
        Put(name, status => status.Conditions = conditions);

    private void Put(string name, Action<MailDeviceStatus> set)
    {
        var status = new MailDeviceStatus();
        set(status);
        _devices.Put(new MailDevice
        {
            Metadata = new() { Name = name, NamespaceProperty = "team" },
            Spec = new MailDeviceSpec { Mailbox = "a@example.com" },
            Status = status,
        });
    }

    private static Condition Ready(string status, string reason) =>
        new() { Type = ConditionTypes.Ready, Status = status, Reason = reason, Message = "m" };

    private static Condition Pending(string reason, int minutes) => new()
    {
        Type = ConditionTypes.RevocationPending,
        Status = "True",
        Reason = reason,
        Message = "m",
        LastTransitionTime = Now.AddMinutes(-minutes),
    };
}
