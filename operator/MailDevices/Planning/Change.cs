using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Claims;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailDevices.Verification;
using MailOperator.MailServers;

namespace MailOperator.MailDevices.Planning;

/// <summary>One step of a plan: a closed set.</summary>
internal abstract record Change
{
    private Change()
    {
    }

    /// <summary>Gives the device a password, or keeps the one that it has.</summary>
    public abstract record OfCredential : Change;

    /// <summary>Ends a password, or sees that it has ended.</summary>
    public abstract record OfRevocation : Change;

    /// <summary>Before the first outside write: from here on a deletion waits for the revocation.</summary>
    public sealed record AddFinalizer : Change;

    /// <summary>A new password: slot, then Secret, in one write.</summary>
    /// <param name="Reason">Why, as a reason of an event.</param>
    /// <param name="Retiring">The credentials before it and when each ends.</param>
    /// <param name="Over">The Secret to write over, at this version; null to make one that must not exist.</param>
    public sealed record IssueCredential(
        string Reason, ImmutableArray<RetiringCredential> Retiring, SecretState.Owned? Over) : OfCredential
    {
        /// <summary>Nobody asked for it: it waits its turn among the others of its backend.</summary>
        public bool IsUnasked { get; init; }

        /// <summary>Every earlier password ends with it, or has ended before it where the plan says so.</summary>
        public bool IsRevoking { get; init; }

        /// <summary>Applications may be running with an earlier password.</summary>
        public bool FollowsAnother => Over is not null || !Retiring.IsEmpty;

        /// <summary>Slots of a chosen password that may go on as the current one, if it is the same password.</summary>
        public ImmutableArray<string> Keepable { get; init; } = [];

        /// <summary>Slots whose passwords the device has had; any other is what an issue left that was cut short.</summary>
        public ImmutableArray<string> HandedOut { get; init; } = [];

        /// <summary>A person's token asks for it.</summary>
        public bool AnswersToken => Reason is Reasons.Rotating or Reasons.Revoked && !IsUnasked;
    }

    /// <summary>The device read anew: what the cache shows of a person's token must be what stands there now.</summary>
    public sealed record ConfirmTokens : OfCredential;

    /// <summary>The hash of a password that a person took: into its slot, if it is not there, then into the Secret.</summary>
    /// <param name="Hash">The hash and what belongs to it.</param>
    /// <param name="Over">The Secret to write over, at this version; null to make one that must not exist.</param>
    /// <param name="Reason">Why, as a reason of an event.</param>
    public sealed record CommitClaimedHash(ClaimedHash Hash, SecretState.Owned? Over, string Reason) : OfCredential;

    /// <summary>The Secret's password hashed again into its slot, which the backend has lost.</summary>
    public sealed record RestoreSlot(SecretState.Owned Secret) : OfCredential;

    /// <summary>Slots whose restrictions are to be others, with the hashes that they have.</summary>
    public sealed record PutSlots(ImmutableArray<Slot> Slots) : Change;

    /// <summary>Selectors of slots whose time is over or that nobody names.</summary>
    public sealed record RemoveSlots(ImmutableArray<string> Selectors) : OfRevocation
    {
        /// <summary>Whether what they have opened ends too: true but for passwords that had their whole overlap.</summary>
        public bool EndsSessions { get; init; }
    }

    /// <summary>
    /// In place of a removal where mail servers must be told of it: the slots are refused from now on, and are
    /// themselves the note, which no crash loses, that this is still to be done.
    /// </summary>
    public sealed record RefuseSlots(ImmutableArray<Slot> Slots) : OfRevocation;

    /// <summary>Every mail server told to forget what it knows of the mailboxes' passwords.</summary>
    /// <param name="Mailboxes">In lower case.</param>
    /// <param name="EndsSessions">Whether their open sessions end too.</param>
    public sealed record TellMailServers(ImmutableArray<string> Mailboxes, bool EndsSessions) : OfRevocation
    {
        /// <summary>With it a suspension is complete.</summary>
        public bool CompletesSuspension { get; init; }
    }

    /// <summary>Everything in the Secret but the password as wanted again.</summary>
    public sealed record RepairSecret(SecretState.Owned Secret) : Change;

    /// <summary>The rotate token written down as answered, though a chosen password has nothing to rotate to.</summary>
    /// <param name="Secret">The Secret, with the bookkeeping that it is to have.</param>
    public sealed record AnswerUnchanged(SecretState.Owned Secret) : OfCredential;

    /// <summary>The Secret made anew with the same password, where it cannot be changed in place.</summary>
    public sealed record ReplaceSecret(SecretState.Owned Secret) : Change;

    /// <summary>What reads the Secret only when it starts, started anew; then the Secret says that it was.</summary>
    public sealed record RestartRollouts(SecretState.Owned Secret, ImmutableArray<RolloutTarget> Targets) : Change;

    /// <summary>The password in the Secret tried at the mail server. Whatever comes of it, the Secret stays as it is.</summary>
    public sealed record VerifyLogin(SecretState.Owned Secret) : Change;

    /// <summary>A login with the password that the Secret of a device that was deleted, or has expired, still holds; it must be refused.</summary>
    /// <param name="Endpoint">Where.</param>
    /// <param name="Username">What a client types in.</param>
    /// <param name="Left">How much longer the mail server may accept it; zero or less if it may not.</param>
    public sealed record ExpectRefusal(ClientEndpoint Endpoint, string Username, TimeSpan Left) : OfRevocation;

    /// <summary>A login with a password of before, which has ended, so that the mail server must refuse it.</summary>
    /// <param name="Check">Where, and as whom.</param>
    /// <param name="Secret">The Secret that keeps it.</param>
    /// <param name="Ended">The password.</param>
    public sealed record TryEnded(LoginCheck Check, SecretState.Owned Secret, SealedPassword Ended) : OfRevocation;

    public sealed record DeleteSecret(ObsoleteSecret Secret) : Change;

    /// <summary>Every slot of the device removed at its backend, and seen to be gone.</summary>
    /// <param name="IsAbandoned">A person gave it up: a failure is told and does not hold the object.</param>
    public sealed record RevokeAll(bool IsAbandoned) : OfRevocation;

    /// <summary>Every slot of the device marked as left on purpose, so that no sweep takes it for an orphan.</summary>
    /// <param name="IsAbandoned">As with <see cref="RevokeAll"/>.</param>
    public sealed record RetainSlots(bool IsAbandoned) : OfRevocation;

    /// <summary>After the last removal: lets the object go.</summary>
    public sealed record RemoveFinalizer : Change;
}
