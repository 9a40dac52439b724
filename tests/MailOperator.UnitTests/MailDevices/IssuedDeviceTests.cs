using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Credentials;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailDevices.Status;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Resolving;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>Devices whose passwords the backend generates. The scope of a password is fixed when it is made.</summary>
public sealed class IssuedDeviceTests
{
    private static readonly DesiredCredential Wanted = Desired with
    {
        Password = new DesiredPassword.MadeByBackend(new DeviceDescription(DeviceType.Phone, "anna", "42")),
        IsProbed = false,
    };

    private static readonly MailDeviceSnapshot Issued = InSync with
    {
        Desired = Wanted,
        Secret = Secret with
        {
            Credential = Snapshots.Record with { Origin = new PasswordOrigin.MadeByBackend(Wanted.Scope) },
        },
        Slots = [Slot("aaaaaa") with { Hash = "", Device = new DeviceDescription(DeviceType.Phone, null, "42") }],
    };

    private static readonly MailDeviceSnapshot Narrowed = Issued with
    {
        Capabilities = BackendCapabilities.Issued | BackendCapabilities.Overlap | BackendCapabilities.List,
        Stops = new Stops { Protocols = [MailProtocol.SMTP] },
        Desired = Wanted with
        {
            Access = Wanted.Access with { Restrictions = Restrictions with { Protocols = [MailProtocol.SMTP] } },
        },
    };

    [Fact]
    public void Plan_InSync_ChangesNothingAndRechecksWithinTheHour()
    {
        // Mutant: no recheck. No probe lists such a backend, so a lost slot or a leak would show only after hours.
        MailDevicePlan plan = MailDevicePlanner.Plan(Issued, Now);

        Assert.Empty(plan.Changes);
        Assert.Equal(ConvergencePlanner.UnprobedRecheck, plan.RecheckAfter);
    }

    [Fact]
    public void Plan_SlotLost_IssuesAnotherPassword()
    {
        // Mutant: restore the slot. There is no hash to restore it with.
        var issue = Assert.IsType<Change.IssueCredential>(
            Assert.Single(MailDevicePlanner.Plan(Issued with { Slots = [] }, Now).Changes));

        Assert.Equal((Reasons.SlotMissing, true), (issue.Reason, issue.IsUnasked));
    }

    [Fact]
    public void Plan_OtherProtocolsOrUser_RotatesWithTheOverlap()
    {
        foreach (DesiredCredential other in (DesiredCredential[])
                 [
                     Wanted with
                     {
                         Access = Wanted.Access with
                         {
                             Restrictions = Restrictions with { Protocols = [MailProtocol.SMTP] },
                         },
                     },
                     Wanted with
                     {
                         Password = new DesiredPassword.MadeByBackend(Wanted.Device! with { UserId = "43" }),
                     },
                     Wanted with
                     {
                         Password = new DesiredPassword.MadeByBackend(Wanted.Device! with { UserId = null }),
                     },
                 ])
        {
            Change.IssueCredential issue = Assert.Single(
                MailDevicePlanner.Plan(Issued with { Desired = other }, Now).Changes.OfType<Change.IssueCredential>());
            Assert.Equal(Reasons.Rotating, issue.Reason);
            Assert.Equal(
                [new RetiringCredential("aaaaaa", Now + Wanted.Lifetime.Overlap)], issue.Retiring.AsEnumerable());
        }
    }

    /// <summary>
    /// The mutant: the next password is said to follow with an overlap, although the old one has ended.
    /// </summary>
    [Fact]
    public void Plan_FixedProtocolsTooWide_IsReplacedAtOnce()
    {
        Change.IssueCredential issue = Plans.Issue(Narrowed);

        Assert.Equal(Reasons.Revoked, issue.Reason);
        Assert.Equal([new RetiringCredential("aaaaaa", Now)], issue.Retiring.AsEnumerable());
    }

    [Fact]
    public void Plan_BackendShowsOtherRestrictions_LeavesThem()
    {
        // Mutant: rotate until the backend shows the desired restrictions, which it may never do.
        Slot odd = Issued.Slots[0] with
        {
            Restrictions = Restrictions with { Protocols = [MailProtocol.POP3] },
            Device = new DeviceDescription(DeviceType.Other, null, null),
        };

        Assert.Empty(MailDevicePlanner.Plan(Issued with { Slots = [odd] }, Now).Changes);
    }

    [Fact]
    public void Plan_Renamed_ChangesOnlyTheName()
    {
        DesiredCredential renamed = Wanted with
        {
            Access = Wanted.Access with { Restrictions = Restrictions with { DeviceName = "Anna's phone" } },
        };

        var put = Assert.IsType<Change.PutSlots>(
            Assert.Single(MailDevicePlanner.Plan(Issued with { Desired = renamed }, Now).Changes));

        Assert.Equal(
            [Issued.Slots[0] with { Restrictions = Restrictions with { DeviceName = "Anna's phone" } }],
            put.Slots.AsEnumerable());
    }

    [Theory]
    [InlineData(nameof(SlotAlarm.Leaked), Reasons.PasswordLeaked)]
    [InlineData(nameof(SlotAlarm.SendsSpam), Reasons.SendsSpam)]
    public void Condition_Alarm_LastsUntilTheBackendWithdrawsIt(string alarm, string reason)
    {
        MailDeviceSnapshot alarmed = Issued with
        {
            Slots = [Issued.Slots[0] with { Alarm = Enum.Parse<SlotAlarm>(alarm) }],
        };
        var failure = new MailBackendException(BackendFailure.Unavailable, "no route");

        Condition said = CompromisedCondition.Of([], alarmed, null)!;

        Assert.Equal(("True", reason), (said.Status, said.Reason));
        Assert.Contains("aaaaaa", said.Message);
        Assert.Null(CompromisedCondition.Of([said], Issued, null));
        // The backend did not withdraw it.
        Assert.Equal(said, CompromisedCondition.Of([said], Issued with { Slots = [] }, failure));
        Assert.Empty(MailDevicePlanner.Plan(alarmed, Now).Changes); // people decide whether the password ends
    }

    [Fact]
    public void Resolve_GeneratedByBackend_DescribesTheDeviceAndRefusesPasswordSettings()
    {
        var device = new MailDevice
        {
            Metadata = new() { Name = "phone", NamespaceProperty = "shop" },
            Spec = new MailDeviceSpec
            {
                Mailbox = "anna@example.com",
                DisplayName = new string('x', 255),
                DeviceType = DeviceType.Phone,
            },
        };
        var backend = new MailBackend
        {
            Metadata = new() { Name = "provider" },
            Spec = new MailBackendSpec
            {
                Client = new ClientSpec { Imap = new EndpointSpec { Host = "imap.example.com", Port = 993 } },
            },
        };
        const BackendCapabilities Capabilities = BackendCapabilities.Issued | BackendCapabilities.Overlap
            | BackendCapabilities.Protocols;

        Assert.True(TryResolve(device, backend, Capabilities, out DesiredCredential? desired, out _));
        device.Spec.Password = new PasswordSpec { Length = 40 };
        Assert.False(TryResolve(device, backend, Capabilities, out _, out SpecProblem? problem));

        Assert.Equal(
            (DeviceType.Phone, MailDeviceResolver.MaxDeviceNameLength, false),
            (desired.Device!.Type, desired.Access.Restrictions.DeviceName.Length, desired.IsProbed));
        Assert.Equal(Reasons.Unsupported, problem.Reason);
        Assert.Contains("spec.password", problem.Message);
        device.Spec.Password = new PasswordSpec
        {
            ValueFrom = new PasswordSource { SecretKeyRef = new() { Name = "chosen", Key = "password" } },
        };
        Assert.False(TryResolve(device, backend, Capabilities, out _, out problem));
        Assert.Equal(
            (Reasons.Unsupported, true),
            (problem.Reason, problem.Message.Contains("no chosen passwords", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("  Anna's phone ", "Anna's phone")]
    [InlineData("   ", "")]
    public void Resolve_DisplayName_IsTrimmed(string displayName, string expected)
    {
        // Mutant: not trimmed. The name that the backend returns would differ on every pass.
        var device = new MailDevice
        {
            Metadata = new() { Name = "phone", NamespaceProperty = "shop" },
            Spec = new MailDeviceSpec { Mailbox = "anna@example.com", DisplayName = displayName },
        };
        var backend = new MailBackend
        {
            Metadata = new() { Name = "provider" },
            Spec = new MailBackendSpec
            {
                Client = new ClientSpec { Imap = new EndpointSpec { Host = "imap.example.com", Port = 993 } },
            },
        };

        Assert.True(TryResolve(
            device, backend, BackendCapabilities.Issued | BackendCapabilities.Protocols, out DesiredCredential? desired,
            out _));

        Assert.Equal(expected, desired.Access.Restrictions.DeviceName);
    }

    [Fact]
    public void Resolve_NameCutWithinACharacter_DropsTheWholeCharacter()
    {
        var device = new MailDevice
        {
            Metadata = new() { Name = "phone", NamespaceProperty = "shop" },
            Spec = new MailDeviceSpec
            {
                Mailbox = "anna@example.com",
                DisplayName = new string('x', MailDeviceResolver.MaxDeviceNameLength - 1) + "\U0001F4F1",
            },
        };
        var backend = new MailBackend
        {
            Metadata = new() { Name = "provider" },
            Spec = new MailBackendSpec
            {
                Client = new ClientSpec { Imap = new EndpointSpec { Host = "imap.example.com", Port = 993 } },
            },
        };

        Assert.True(TryResolve(
            device, backend, BackendCapabilities.Issued | BackendCapabilities.Protocols, out DesiredCredential? desired,
            out _));

        Assert.Equal(
            new string('x', MailDeviceResolver.MaxDeviceNameLength - 1), desired.Access.Restrictions.DeviceName);
    }

    [Fact]
    public void Conditions_NotEligible_AreStalled()
    {
        Condition[] conditions = MailDeviceConditions.Build(
            new MailDeviceStatus(), Issued with { Secret = null },
            new DeviceVerdict(ReadyStatus.False, Reasons.Pending, "x"),
            new MailBackendException(BackendFailure.NotEligible, "no such feature"), 1, Now);

        Assert.Equal(Reasons.BackendNotEligible, StatusConditions.Find(conditions, ConditionTypes.Ready)!.Reason);
        Assert.NotNull(StatusConditions.Find(conditions, ConditionTypes.Stalled));
    }
}
