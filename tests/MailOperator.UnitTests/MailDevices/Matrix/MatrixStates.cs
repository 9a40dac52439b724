using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Revocation;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Verification;
using MailOperator.MailServers;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices.Matrix;

/// <summary>The states in which a stop must stop.</summary>
internal static class MatrixStates
{
    public static readonly MatrixState[] All =
    [
        new("nothing is wrong", static device => device),
        Problem("invalid spec (each cause: template, interval, network, name, type, unreadable field)",
            Reasons.InvalidSpec,
            "BackendSelection.TryFind", "MailDeviceResolver.TryResolve", "MailDeviceResolver.InvalidTimes",
            "DeviceRules.Problem", "ClaimedPasswords.SpecProblemOf", "UserRestrictions.Problem"),
        Problem("unsupported spec", Reasons.Unsupported,
            "MailDeviceResolver.Unsupported", "MailDeviceResolver.Unserved", "ClaimedPasswords.Problem"),
        Problem("MailUser missing", Reasons.UserNotFound, "UserRestrictions.Problem"),
        Problem("MailBackend invalid (client, rotation, window, expiry)", Reasons.BackendUnavailable,
            "BackendRules.Problem", "BackendRules.Unusable", "BackendRules.Unreadable"),
        new("MailBackend invalid for new passwords (hashing, verification, doveadm)", static device => device with
        {
            IssueProblem = new SpecProblem(Reasons.BackendUnavailable, "hashing"),
        })
        { Causes = ["BackendRules.IssueProblem"] },
        new("MailBackend missing or its driver invalid", static device => device with
        {
            Unreachable = "MailBackend 'dovecot' does not exist",
            Desired = null,
            Problem = new SpecProblem(Reasons.BackendUnavailable, "MailBackend 'dovecot' does not exist"),
        })
        {
            Fails = static change => change is Change.OfRevocation,
            MayHold = static _ => true,
            Causes = ["BackendSelection.Problem", "BackendSelection.Unavailable"],
        },
        new("MailBackend takes no change (unreachable, unauthorized, rejected, not eligible, no such mailbox)",
            static device => device)
        {
            Fails = static change => change is (Change.OfRevocation and not Change.TellMailServers)
                or Change.IssueCredential or Change.RestoreSlot or Change.PutSlots or Change.CommitClaimedHash,
            Failures =
            [
                BackendFailure.Unavailable, BackendFailure.Unauthorized, BackendFailure.Rejected,
                BackendFailure.NotEligible, BackendFailure.MailboxNotFound,
            ],
            MayHold = static _ => true,
        },
        Problem("no grant", Reasons.NotAllowed, "DeviceGrants.GrantProblem", "DeviceGrants.RetentionProblem"),
        new("over quota", static device => device with
        {
            QuotaProblem = new SpecProblem(Reasons.QuotaExceeded, "full"),
        })
        {
            Causes =
            [
                "DeviceGrants.AdmitUnlessFull", "DeviceGrants.QuotaProblem", "DeviceGrants.Full",
                "DeviceResolver.QuotaProblem",
            ],
        },
        Secret("Secret missing", static _ => new SecretState.Absent()),
        Secret("Secret foreign", static _ => new SecretState.Foreign("belongs to Pod 'x'")),
        Secret("Secret given to another owner", static owned => new SecretState.Foreign("belongs to Pod 'x'")
        {
            Record = owned.Credential,
        }),
        Secret("Secret without its owner", static owned => owned with { LacksOwner = true, MatchesDesired = false }),
        Secret("Secret in deletion behind a finalizer", static owned => owned with { IsDeleting = true }),
        Secret("Secret immutable", static owned => owned with { MustBeReplaced = true, MatchesDesired = false }),
        Secret("Secret edited: password, digest or record", static owned => owned with { IsGenuine = false }),
        Secret("Secret edited: another key or label", static owned => owned with { MatchesDesired = false }),
        new("source Secret missing", static device => AsChosen(device) with
        {
            Source = new SourceState(new SpecProblem(Reasons.PasswordSourceMissing, "no Secret"), IsInSecret: false),
        })
        { Causes = ["ChosenPasswordReader.Missing"] },
        new("chosen password, source unchanged", static device => AsChosen(device) with
        {
            Source = new SourceState(Problem: null, IsInSecret: true),
        })
        { MayHold = static stop => stop == MatrixStop.Leak },
        new("chosen password, source changed", static device => AsChosen(device) with
        {
            Source = new SourceState(Problem: null, IsInSecret: false),
        }),
        new("password held by a person", AsClaimed) { MayHold = static stop => stop == MatrixStop.Leak },
        new("paused", static device => device with { IsPaused = true }),
        new("Secret writes refused (403, 409, 413, 422, 429, 5xx)", static device => device)
        {
            Fails = static change => change is Change.IssueCredential or Change.RepairSecret or Change.ReplaceSecret
                or Change.MarkRotationHandled or Change.CommitClaimedHash or Change.DeleteSecret,
            Failures = [BackendFailure.WriteRefused],
        },
        new("waits for its turn (rate limit, busy)", static device => device)
        {
            Fails = static change => change is Change.IssueCredential or Change.RestoreSlot or Change.PutSlots,
            Failures = [BackendFailure.Busy],
        },
        new("new password refused by the mail server", static device => device)
        {
            Fails = static change => change is Change.IssueCredential or Change.VerifyLogin,
            Failures = [BackendFailure.NotAccepted],
        },
        new("ended password still accepted by the mail server", Verified)
        {
            Fails = static change => change is Change.ExpectRefusal or Change.TryEnded,
            Failures = [BackendFailure.Propagating, BackendFailure.NotFollowed],
        },
        new("doveadm away", static device => device)
        {
            Fails = static change => change is Change.TellMailServers,
            Failures = [BackendFailure.NotFollowed],
        },
        new("end of an earlier password under way", static device => device with
        {
            EndedSlots = [PlaceRevocation.Refused(Slot("cccccc"), new SlotEnd(Now, EndsSessions: false))],
        }),
        new("workloads cannot be restarted", static device => device with
        {
            Secret = device.Secret is SecretState.Owned owned
                ? owned with { Credential = owned.Credential with { IsRestartOwed = true } }
                : device.Secret,
        })
        { Fails = static change => change is Change.RestartRollouts },
        new("namespace in deletion", static device => device with { IsNamespaceTerminating = true }),
        new("finalizer removed by force", static device => device with { HasFinalizer = false }),
        new("spec names another MailBackend, which is down", static device => device with
        {
            Desired = null,
            Problem = new SpecProblem(Reasons.InvalidSpec, "a device cannot be moved"),
            OtherPlaces =
            [
                new SlotPlace("other")
                {
                    Failure = new MailBackendException(BackendFailure.Unavailable, "no route"),
                },
            ],
        }),
    ];

    private static MatrixState Problem(string name, string reason, params ImmutableArray<string> causes) => new(
        name, device => device with { Desired = null, Problem = new SpecProblem(reason, "wrong") })
    {
        Causes = causes,
    };

    private static MatrixState Secret(string name, Func<SecretState.Owned, SecretState> change) => new(
        name, device => device with
        {
            Secret = device.Secret is SecretState.Owned owned ? change(owned) : device.Secret,
        });

    private static MailDeviceSnapshot Verified(MailDeviceSnapshot device) => device with
    {
        LoginCheck = new LoginCheck
        {
            Endpoint = new ClientEndpoint(MailProtocol.IMAP, "mail.example.com", 993, ConnectionSecurity.TLS),
            Username = "alerts@example.com",
            PropagationDelay = device.PropagationDelay ?? TimeSpan.Zero,
            Reported = LoginOutcome.Accepted,
            AnswerIsFor = "aaaaaa",
        },
    };

    private static MailDeviceSnapshot AsChosen(MailDeviceSnapshot device) => device with
    {
        Desired = device.Desired is { } desired ? desired with { Password = Chosen.Desired!.Password } : null,
        IsForPerson = false,
        Secret = WithOrigin(device.Secret, new PasswordOrigin.Chosen("v1:chosen")),
        Slots = [.. device.Slots.Select(static slot => slot with { IsChosen = true })],
    };

    private static MailDeviceSnapshot AsClaimed(MailDeviceSnapshot device) => device with
    {
        Desired = device.Desired is { } desired ? desired with { Password = Claimed.Desired!.Password } : null,
        IsForPerson = true,
        Source = null,
        ClaimedPassword = Claimed.ClaimedPassword,
        Secret = WithOrigin(device.Secret, new PasswordOrigin.Claimed("claim-1", IsTyped: false)),
        Slots = [.. device.Slots.Select(static slot => slot with { Hash = ClaimedHash })],
    };

    private static SecretState? WithOrigin(SecretState? secret, PasswordOrigin origin) =>
        secret is SecretState.Owned owned ? owned with { Credential = owned.Credential with { Origin = origin } }
        : secret;
}
