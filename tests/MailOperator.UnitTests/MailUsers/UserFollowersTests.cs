using System.Globalization;
using MailOperator.Api;
using MailOperator.MailUsers;

namespace MailOperator.UnitTests.MailUsers;

public sealed class UserFollowersTests
{
    private const string Blocked = "The suspension of MailUser 'ada' is not carried out yet";

    [Theory]
    // Mutant: everything that has no status counts as behind. A device would make its user not ready by being created.
    [InlineData("never had a password", true)]
    // Mutant: judge by the finalizer alone. Whoever removes it hides a password that works.
    [InlineData("finalizer removed by force", false)]
    [InlineData("issued, no status yet", false)]
    [InlineData("follows", true)]
    // Mutant: compare the generations alone. A user that was created again reaches the same ones.
    [InlineData("follows an earlier user of that name", false)]
    [InlineData("follows an earlier generation", false)]
    // Mutant: leave out the device's own generation. What was enforced may have been the word of another user.
    [InlineData("enforced before its spec changed", false)]
    [InlineData("enforced without a user", false)]
    // Mutant: only RevocationBlocked counts. A mail server may still accept from its cache.
    [InlineData("revocation pending", false)]
    [InlineData("revocation blocked", false)]
    public void Of_SuspendedUser_AllButThoseThatFollowAreBehind(string device, bool follows)
    {
        var followers = UserFollowers.Of(User(isSuspended: true), [Device(device)]);

        Assert.Equal(follows ? 1 : 0, followers.Following);
        Assert.Equal(follows, followers.ExplainBehind() is null);
    }

    [Theory]
    // An end that is pending does not make untrue that the user restricts nothing.
    [InlineData("revocation pending", true)]
    // Mutant: the generation counts only for a user that restricts. A lifted suspension would be reported as done.
    [InlineData("follows an earlier generation", false)]
    // Mutant: leave out the condition Suspended. A template error keeps the password refused.
    [InlineData("still refused", false)]
    [InlineData("suspended itself", true)]
    // Mutant: leave out what the slots refuse. A pause keeps sending refused after its user may send again.
    [InlineData("still refuses to send", false)]
    public void Of_UserThatRestrictsNothing_WhatIsStillRefusedIsBehind(string device, bool follows) =>
        Assert.Equal(follows ? 1 : 0, UserFollowers.Of(User(isSuspended: false), [Device(device)]).Following);

    [Fact]
    public void Of_UserThatDeniesSending_APendingEndIsBehind() // mutant: a pending end counts for a suspension alone
    {
        MailUser user = User(isSuspended: false);
        user.Spec.Sending = SendingRight.Denied;

        Assert.Equal(0, UserFollowers.Of(user, [Device("revocation pending")]).Following);
    }

    [Fact]
    public void Explain_ManyBehind_NamesFiveWithTheBlockedOnesFirst()
    {
        // Mutant: order by name alone. The one that needs a person would be among "and 2 more".
        MailDevice[] devices =
        [
            .. "abcdef".Select(static name => Named($"{name}", "issued, no status yet")),
            Named("z", "revocation blocked"),
            Named("y", "follows"),
        ];

        var followers = UserFollowers.Of(User(isSuspended: true), devices);

        Assert.Equal(
            $"7 of its 8 devices do not follow it yet: z ({Blocked}); a (not reconciled yet); b (not reconciled yet); "
            + "c (not reconciled yet); d (not reconciled yet); and 2 more",
            followers.ExplainBehind());
        Assert.Equal(
            $"What this MailUser takes away is not enforced on 1 of its 8 devices: z ({Blocked})",
            followers.ExplainBlocked());
    }

    [Fact]
    public void Explain_LongReasons_AreShortened() // mutant: the whole message; five of 32 kB fit no condition
    {
        MailDevice device = Device("revocation blocked");
        device.Status!.Conditions = [Pending(Reasons.RevocationBlocked, new string('x', 32000))];

        Assert.InRange(UserFollowers.Of(User(isSuspended: true), [device]).ExplainBehind()!.Length, 200, 300);
    }

    [Fact]
    public void Explain_NotReadyWithoutAPendingEnd_SaysWhatTheDeviceSays()
    {
        MailDevice device = Device("follows an earlier generation");
        device.Status!.Conditions =
            [new Condition { Type = "Ready", Status = "False", Reason = "BackendUnavailable", Message = "It is away" }];

        Assert.Contains("it says: It is away", UserFollowers.Of(User(isSuspended: false), [device]).ExplainBehind());
    }

    internal static MailDevice Named(string name, string state)
    {
        MailDevice device = Device(state);
        device.Metadata.Name = name;
        return device;
    }

    internal static MailUser User(bool isSuspended) => new()
    {
        Metadata = new() { Name = "ada", NamespaceProperty = "shop", Uid = "uid-ada", Generation = 4 },
        Spec = new MailUserSpec { Suspended = isSuspended },
    };

    /// <summary>A device at generation 3 of a user at generation 4.</summary>
    internal static MailDevice Device(string state) => state switch
    {
        "never had a password" => Device(status: null, finalizers: []),
        "finalizer removed by force" => Device(
            new MailDeviceStatus { Credentials = [new() { Id = "abc", State = CredentialState.Current }] },
            finalizers: []),
        "issued, no status yet" => Device(status: null),
        "follows" => Device(Enforced(3, 4)),
        "follows an earlier user of that name" => Device(Enforced(3, 4, uid: "uid-of-before")),
        "still refuses to send" => Device(Enforced(3, 4, sending: SendingRight.Denied)),
        "follows an earlier generation" => Device(Enforced(3, 3)),
        "enforced before its spec changed" => Device(Enforced(2, 4)),
        "enforced without a user" => Device(Enforced(3, null)),
        "revocation pending" => Device(Enforced(3, 4, Pending(Reasons.Revoked, "Mail servers will be told"))),
        "revocation blocked" => Device(Enforced(3, 3, Pending(Reasons.RevocationBlocked, Blocked))),
        "still refused" => Device(Enforced(3, 4, Suspended(Reasons.UserSuspended))),
        "suspended itself" => Device(Enforced(3, 4, Suspended(Reasons.Suspended))),
        _ => throw new ArgumentOutOfRangeException(
            nameof(state), string.Create(CultureInfo.InvariantCulture, $"There is no state '{state}'.")),
    };

    private static MailDevice Device(MailDeviceStatus? status, string[]? finalizers = null) => new()
    {
        Metadata = new()
        {
            Name = "phone",
            NamespaceProperty = "shop",
            Uid = "uid-phone",
            Generation = 3,
            Finalizers = finalizers ?? [Finalizers.Revocation],
        },
        Spec = new MailDeviceSpec { Mailbox = "a@example.com", UserRef = new ObjectReference { Name = "ada" } },
        Status = status,
    };

    private static MailDeviceStatus Enforced(
        long generation,
        long? user,
        Condition? condition = null,
        string uid = "uid-ada",
        SendingRight sending = SendingRight.Allowed) => new()
        {
            EnforcedGeneration = generation,
            EnforcedUser = user is null ? null : new() { Uid = uid, Generation = user, Sending = sending },
            Conditions = condition is null ? [] : [condition],
        };

    private static Condition Pending(string reason, string message) =>
        new() { Type = ConditionTypes.RevocationPending, Status = "True", Reason = reason, Message = message };

    private static Condition Suspended(string reason) =>
        new() { Type = ConditionTypes.Suspended, Status = "True", Reason = reason, Message = "" };
}
