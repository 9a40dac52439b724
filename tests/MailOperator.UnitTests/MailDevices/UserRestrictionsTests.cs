using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Spec;
using MailOperator.MailUsers;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

public sealed class UserRestrictionsTests
{
    private const BackendCapabilities All = BackendCapabilities.Protocols | BackendCapabilities.SendRight;

    [Theory]
    [InlineData(null, null, false, true, false)]
    [InlineData("Allowed", false, false, true, false)]
    [InlineData("Denied", null, false, false, false)]
    [InlineData(null, true, false, true, true)]
    [InlineData("Denied", true, false, false, true)]
    [InlineData(null, false, true, true, true)] // mutant: an active user resumes a suspended device
    public void Restrict_User_OnlyTakesRightsAway(
        string? sending, bool? suspended, bool isDeviceSuspended, bool maySend, bool isSuspended)
    {
        DesiredCredential wanted = Desired with
        {
            Access = Desired.Access with { Restrictions = Restrictions with { IsSuspended = isDeviceSuspended } },
        };

        DesiredCredential restricted = wanted.For(User(sending, suspended));

        Assert.Equal(
            (maySend, isSuspended),
            (restricted.Access.Restrictions.MaySend, restricted.Access.Restrictions.IsSuspended));
        Assert.Equal(suspended == true ? "ada" : null, restricted.Access.SuspendedUser);
        Assert.Equal(wanted with
        {
            Access = wanted.Access with
            {
                Restrictions = restricted.Access.Restrictions,
                SuspendedUser = restricted.Access.SuspendedUser,
            },
        }, restricted);
    }

    [Fact]
    public void Restrict_NoUser_ChangesNothing() => Assert.Same(Desired, Desired.For(user: null));

    [Fact]
    public void Problem_NoUserNamed_IsNone() =>
        Assert.Null(
            UserRestrictions.Problem(new MailDevice(), null, Desired.Access.Restrictions, BackendCapabilities.None));

    [Fact]
    public void Problem_UserMissing_NamesItAndItsNamespace()
    {
        SpecProblem? problem = UserRestrictions.Problem(Device(), null, Desired.Access.Restrictions, All);

        Assert.Equal(Reasons.UserNotFound, problem?.Reason);
        Assert.Contains("'ada'", problem?.Message);
        Assert.Contains("'shop'", problem?.Message);
    }

    [Fact]
    public void Problem_UserDoesNotDecode_IsInvalidSpec()
    {
        MailUser user = User(null, null);
        user.DecodeError = "$.spec.sending";

        Assert.Equal(
            Reasons.InvalidSpec, UserRestrictions.Problem(Device(), user, Desired.Access.Restrictions, All)?.Reason);
    }

    [Theory]
    [InlineData("Denied", true, false, true)]
    [InlineData("Allowed", true, false, false)]
    [InlineData("Denied", false, false, false)] // the device has no SMTP to deny
    [InlineData("Denied", true, true, false)]
    public void Problem_BackendCannotDenySending_IsUnsupported(
        string sending, bool hasSmtp, bool canStop, bool isProblem)
    {
        DesiredCredential wanted = Desired with
        {
            Access = Desired.Access with
            {
                Restrictions = Restrictions with { Protocols = hasSmtp ? [MailProtocol.SMTP] : [MailProtocol.IMAP] },
            },
        };

        SpecProblem? problem = UserRestrictions.Problem(
            Device(), User(sending, null), wanted.Access.Restrictions, canStop ? All : BackendCapabilities.Protocols);

        Assert.Equal(isProblem ? Reasons.Unsupported : null, problem?.Reason);
        Assert.Contains("spec.userRef", problem?.Message ?? "spec.userRef");
    }

    [Fact]
    public void Plan_SendingDenied_ChangesTheSlotsAndIssuesNothing()
    {
        MailDeviceSnapshot denied = InSync with { Desired = Desired.For(User("Denied", null)) };

        MailDevicePlan plan = MailDevicePlanner.Plan(denied, Now);

        Change.PutSlots put = Assert.IsType<Change.PutSlots>(Assert.Single(plan.Changes));
        Assert.All(put.Slots, static slot => Assert.False(slot.Restrictions.MaySend));
        Assert.Equal(ReadyStatus.True, plan.Verdict.Ready);
        Assert.Contains("sending is refused", plan.Verdict.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Plan_UserSuspended_NamesTheUser(bool isDeviceSuspended)
    {
        DesiredCredential wanted = Desired with
        {
            Access = Desired.Access with { Restrictions = Restrictions with { IsSuspended = isDeviceSuspended } },
        };

        MailDevicePlan plan = MailDevicePlanner.Plan(InSync with { Desired = wanted.For(User(null, true)) }, Now);

        Assert.Equal((ReadyStatus.False, Reasons.UserSuspended), (plan.Verdict.Ready, plan.Verdict.Reason));
        Assert.Contains("'ada'", plan.Verdict.Message);
    }

    private static MailDevice Device() => new()
    {
        Metadata = new() { Name = "grafana", NamespaceProperty = "shop" },
        Spec = new MailDeviceSpec { UserRef = new ObjectReference { Name = "ada" } },
    };

    private static MailUser User(string? sending, bool? suspended) => new()
    {
        Metadata = new() { Name = "ada", NamespaceProperty = "shop" },
        Spec = new MailUserSpec
        {
            Sending = sending is null ? null : Enum.Parse<SendingRight>(sending),
            Suspended = suspended,
        },
    };
}
