using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailDevices.Status;
using MailOperator.MailDevices.Verification;
using MailOperator.MailServers;
using Moq;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>Whether, where and when a login tries a password, and what the condition reports.</summary>
public sealed class LoginCheckTests
{
    private static readonly ClientEndpoint Imap =
        new(MailProtocol.IMAP, "imap.example.com", 993, ConnectionSecurity.TLS);
    private static readonly ClientEndpoint Pop3 =
        new(MailProtocol.POP3, "pop3.example.com", 995, ConnectionSecurity.TLS);
    private static readonly ClientEndpoint Smtp =
        new(MailProtocol.SMTP, "smtp.example.com", 465, ConnectionSecurity.TLS);
    private static readonly LoginCheck Quick =
        new() { Endpoint = Imap, Username = "alerts@example.com", PropagationDelay = TimeSpan.FromSeconds(2) };
    private static readonly LoginCheck Slow = Quick with { PropagationDelay = TimeSpan.FromSeconds(90) };
    private static readonly MailBackendException NotAccepted = new(BackendFailure.NotAccepted, "it was not accepted");

    [Fact]
    public void For_EveryProtocol_TriesImapThenPop3ThenSmtp()
    {
        // Mutant: the order of the Secret's endpoints, in which SMTP comes first.
        Assert.Equal(
            Imap, For(Desired with { Secret = Desired.Secret with { Endpoints = [Smtp, Imap, Pop3] } })!.Endpoint);
        Assert.Equal(Pop3, For(Desired with { Secret = Desired.Secret with { Endpoints = [Smtp, Pop3] } })!.Endpoint);
        Assert.Equal(Smtp, For(Desired with { Secret = Desired.Secret with { Endpoints = [Smtp] } })!.Endpoint);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(nameof(LoginVerification.None))]
    public void For_NotConfigured_IsNull(string? verification) =>
        Assert.Null(For(Desired, verification is null ? null : Enum.Parse<LoginVerification>(verification)));

    [Fact]
    public void For_RefusalIsNoEvidence_HasAnObstacleAndNoEndpoint()
    {
        Assert.Contains("suspended", Obstacle(Restrictions with { IsSuspended = true }, Imap));
        Assert.Contains("spec.allowedNetworks", Obstacle(Restrictions with { AllowedNetworks = ["10.0.0.0/8"] }, Imap));
        Assert.Contains("may not send", Obstacle(Restrictions with { MaySend = false }, Smtp));
        Assert.Null(Obstacle(Restrictions with { MaySend = false }, Imap, Smtp));
    }

    [Fact]
    public void Plan_CommittedAndNotTried_TriesIt() =>
        Assert.Equal([new Change.VerifyLogin(Secret)], Plan(InSync with { LoginCheck = Quick }).Changes);

    [Fact]
    public void Plan_SlowBackend_WaitsForThePropagationDelay()
    {
        // Mutant: try at once. The password would be reported as refused until the mounted volume is updated.
        DateTimeOffset propagated = Snapshots.Record.IssuedAt.AddSeconds(91);

        MailDevicePlan early = MailDevicePlanner.Plan(InSync with { LoginCheck = Slow }, propagated.AddSeconds(-20));

        Assert.Empty(early.Changes);
        Assert.Equal(TimeSpan.FromSeconds(20), early.RecheckAfter);
        Assert.Single(MailDevicePlanner.Plan(InSync with { LoginCheck = Slow }, propagated).Changes);
    }

    [Fact]
    public void Plan_Accepted_IsNotTriedAgain()
    {
        MailDevicePlan plan = Plan(InSync with { LoginCheck = Reported(LoginOutcome.Accepted) });

        Assert.Empty(plan.Changes);
        Assert.Null(plan.RecheckAfter);
    }

    [Fact]
    public void Plan_AnswerOfAnotherCredential_IsTriedAgain() =>
        Assert.Single(
            Plan(InSync with { LoginCheck = Reported(LoginOutcome.Accepted) with { AnswerIsFor = "bbbbbb" } }).Changes);

    [Theory]
    [InlineData(nameof(LoginOutcome.Refused))]
    [InlineData(nameof(LoginOutcome.Unclear))]
    public void Plan_NotAccepted_IsTriedInTheNextPassAndNotInThisOne(string outcome)
    {
        LoginCheck answered = Answered(Enum.Parse<LoginOutcome>(outcome));

        MailDevicePlan now = Plan(InSync with { LoginCheck = answered });

        Assert.Empty(now.Changes);
        Assert.Equal(LoginCheck.Recheck, now.RecheckAfter);
        Assert.Single(Plan(InSync with { LoginCheck = Reported(Enum.Parse<LoginOutcome>(outcome)) }).Changes);
    }

    [Fact]
    public void Plan_Obstacle_TriesNothing()
    {
        var blocked = new LoginCheck { Obstacle = "x", Username = "a", PropagationDelay = TimeSpan.Zero };

        Assert.Empty(Plan(InSync with { LoginCheck = blocked }).Changes);
        Assert.DoesNotContain(
            Plan(Deleted with { LoginCheck = blocked }).Changes, static change => change is Change.ExpectRefusal);
    }

    [Fact]
    public void Plan_Deleted_ExpectsARefusalBetweenSlotsAndSecret()
    {
        MailDevicePlan plan = Plan(Deleted with { LoginCheck = Quick, DeletedAt = Now.AddSeconds(-1) });

        Assert.Equal(
            [
                nameof(Change.RemoveAll),
                nameof(Change.ExpectRefusal),
                nameof(Change.AnnounceEnd),
                nameof(Change.DeleteSecret),
                nameof(Change.RemoveFinalizer),
            ],
            plan.Changes.Select(static change => change.GetType().Name));
        Assert.Equal(TimeSpan.FromSeconds(2), Assert.IsType<Change.ExpectRefusal>(plan.Changes[1]).Left);
    }

    [Fact]
    public void Plan_DeletedAndRetainedOrAbandoned_TriesNothing()
    {
        MailDeviceSnapshot deleted = Deleted with { LoginCheck = Quick };

        Assert.DoesNotContain(
            Plan(deleted with
            {
                DeletionPolicy = DeletionPolicy.Retain,
                OtherPlaces = [Place(Slot("aaaaaa")) with { IsRetentionAllowed = true }],
            }).Changes,
            static change => change is Change.ExpectRefusal);
        Assert.DoesNotContain(
            Plan(deleted with { AbandonToken = deleted.Uid }).Changes, static change => change is Change.ExpectRefusal);
    }

    [Fact]
    public void Plan_RotateAndRevoke_IsRevoking()
    {
        // Mutant: IsRevoking is never set. A mail server that refuses the new password would keep the leaked one alive.
        Assert.True(Assert.Single(
            Plan(InSync with { RotateAndRevokeToken = "leak" }).Changes.OfType<Change.IssueCredential>()).IsRevoking);
        Assert.False(Assert.Single(
            Plan(InSync with { RotateToken = "two" }).Changes.OfType<Change.IssueCredential>()).IsRevoking);
    }

    [Theory]
    [InlineData(nameof(LoginOutcome.Accepted), "True", Reasons.LoginAccepted)]
    [InlineData(nameof(LoginOutcome.Refused), "False", Reasons.VerificationFailed)]
    [InlineData(nameof(LoginOutcome.Unclear), "Unknown", Reasons.MailServerUnreachable)]
    public void Condition_Answer_IsReportedAndReadBack(string outcome, string status, string reason)
    {
        Condition said = Verified(InSync with { LoginCheck = Answered(Enum.Parse<LoginOutcome>(outcome)) })!;

        Assert.Equal((status, reason), (said.Status, said.Reason));
        Assert.Contains("imap.example.com:993 said so", said.Message);
        LoginCheck known = From(said);
        Assert.Equal(outcome, known.OutcomeFor("aaaaaa")?.ToString());
        Assert.Null(known.OutcomeFor("bbbbbb"));
        Assert.Equal(said, Verified(InSync with { LoginCheck = known }, previous: said));
    }

    [Theory]
    [InlineData(nameof(LoginOutcome.Accepted))]
    [InlineData(nameof(LoginOutcome.Refused))]
    [InlineData(nameof(LoginOutcome.Unclear))]
    public void Condition_WordedByAnotherVersion_StandsUntilALoginIsTried(string outcome)
    {
        // Mutant: the message decides. Each new wording would write every status and try every password again.
        LoginCheck answered = Answered(Enum.Parse<LoginOutcome>(outcome));
        Condition said = Verified(InSync with { LoginCheck = answered })!;
        Condition before = said with { Message = "Worded in another way" };

        LoginCheck known = From(before);

        Assert.Equal(outcome, known.OutcomeFor("aaaaaa")?.ToString());
        Assert.Equal(before, Verified(InSync with { LoginCheck = known }, previous: before));
        Assert.Equal(said, Verified(InSync with { LoginCheck = known.After(answered) }, previous: before));
    }

    [Fact]
    public void Condition_NoLoginInTheStatus_KnowsNoOutcome()
    {
        Condition pending = Verified(InSync with { LoginCheck = Quick })!;
        Condition skipped = Verified(InSync with { LoginCheck = Quick with { Endpoint = null, Obstacle = "x" } })!;

        Assert.Null(From(pending).OutcomeFor("aaaaaa"));
        Assert.Null(From(skipped).OutcomeFor("aaaaaa"));
    }

    [Fact]
    public void Condition_NoVerification_IsAbsent() =>
        Assert.Null(Verified(InSync, previous: Verified(InSync with { LoginCheck = Quick })));

    [Fact]
    public void Condition_NotHandedOut_IsFalseAndSoIsReady()
    {
        Condition[] conditions = MailDeviceConditions.Build(
            new MailDeviceStatus(), InSync with { LoginCheck = Quick, Secret = new SecretState.Absent() },
            Plan(InSync).Verdict, NotAccepted, 1, Now);

        Assert.Equal("False", StatusConditions.Find(conditions, ConditionTypes.Verified)!.Status);
        Assert.Equal(
            ("False", Reasons.VerificationFailed, NotAccepted.Message),
            (conditions[0].Status, conditions[0].Reason, conditions[0].Message));
    }

    [Fact]
    public void Condition_WhilePausedOrDeleted_IsUnchanged()
    {
        Condition before = Verified(InSync with { LoginCheck = Answered(LoginOutcome.Accepted) })!;

        Assert.Equal(before, Verified(Deleted with { Desired = null }, previous: before));
    }

    [Fact]
    public void Condition_ObstacleAppears_IsUnknownAfterAcceptance()
    {
        Condition said = Verified(InSync with
        {
            LoginCheck = Answered(LoginOutcome.Accepted) with { Endpoint = null, Obstacle = "the device is suspended" },
        })!;

        Assert.Equal(("Unknown", Reasons.VerificationSkipped), (said.Status, said.Reason));
        Assert.Contains("the device is suspended", said.Message);
    }

    private static LoginCheck? For(
        DesiredCredential desired, LoginVerification? verification = LoginVerification.Login) =>
        LoginCheck.For(
            desired, new MailBackendSpec { Verification = verification }, Mock.Of<IMailBackend>(), reported: null);

    private static string? Obstacle(SlotRestrictions restrictions, params ClientEndpoint[] endpoints)
    {
        LoginCheck check = For(Desired with
        {
            Access = Desired.Access with { Restrictions = restrictions },
            Secret = Desired.Secret with { Endpoints = [.. endpoints] },
        })!;
        Assert.True(check.Endpoint is null == check.Obstacle is not null);
        return check.Obstacle;
    }

    private static LoginCheck From(Condition verified)
    {
        var reported = new MailDeviceStatus
        {
            Conditions = [verified],
            Credentials = [new CredentialStatus { Id = "aaaaaa", State = CredentialState.Current }],
        };
        var backend = new MailBackendSpec { Verification = LoginVerification.Login };
        return LoginCheck.For(Desired, backend, Mock.Of<IMailBackend>(), reported)!;
    }

    private static LoginCheck Reported(LoginOutcome outcome) =>
        Quick with { Reported = outcome, AnswerIsFor = "aaaaaa" };

    private static LoginCheck Answered(LoginOutcome outcome) =>
        Quick with
        {
            Answer = new LoginAnswer(outcome, "IMAP at imap.example.com:993 said so"),
            AnswerIsFor = "aaaaaa",
        };

    private static MailDevicePlan Plan(MailDeviceSnapshot device) => MailDevicePlanner.Plan(device, Now);

    private static Condition? Verified(MailDeviceSnapshot device, Condition? previous = null) =>
        VerifiedCondition.Of(previous is null ? [] : [previous], device, Plan(device).Verdict, failure: null);
}
