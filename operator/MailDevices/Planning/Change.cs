using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Claims;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailDevices.Verification;
using MailOperator.MailServers;

namespace MailOperator.MailDevices.Planning;

/// <summary>One step of a plan. The nested records are the only kinds.</summary>
internal abstract record Change
{
    private Change()
    {
    }

    /// <summary>Gives the device a password, or maintains the one that it has.</summary>
    public abstract record OfCredential : Change;

    /// <summary>Takes a right away at one backend. Such changes come first in a plan, and each is tried.</summary>
    public abstract record OfRevocation : Change
    {
        /// <summary>Name of the MailBackend; null for the device's own.</summary>
        public string? At { get; init; }
    }

    /// <summary>Checks with a login that a password has ended.</summary>
    public abstract record OfVerification : Change;

    /// <summary>Added before the first write to a backend. From then on a deletion waits for the revocation.</summary>
    public sealed record AddFinalizer : Change;

    /// <summary>The device goes on under the UID that it had before it was restored from a backup.</summary>
    /// <param name="Uid">That UID.</param>
    public sealed record AdoptSecret(string Uid) : Change;

    /// <summary>Issues a new password: first its slot, then the Secret in one write.</summary>
    /// <param name="Reason">The reason of the event.</param>
    /// <param name="Retiring">Earlier credentials and when each ends.</param>
    /// <param name="Overwrites">The Secret to overwrite, at this version; null to create one.</param>
    public sealed record IssueCredential(
        string Reason, ImmutableArray<RetiringCredential> Retiring, SecretState.Owned? Overwrites) : OfCredential
    {
        /// <summary>Nobody asked for it, so it counts against the backend's <c>maxRotationsPerMinute</c>.</summary>
        public bool IsUnasked { get; init; }

        /// <summary>Its interval is over. Another unasked one replaces what was tampered with or lost.</summary>
        public bool IsScheduled => IsUnasked && Reason == Reasons.Rotating;

        /// <summary>
        /// Every earlier password ends when this one is issued, or before that if the plan removes it first.
        /// </summary>
        public bool IsRevoking { get; init; }

        /// <summary>Applications may be running with an earlier password.</summary>
        public bool FollowsAnother => Overwrites is not null || !Retiring.IsEmpty;

        /// <summary>Selectors of slots to reuse if they hold the chosen password already.</summary>
        public ImmutableArray<string> Reusable { get; init; } = [];

        /// <summary>
        /// Selectors of slots whose passwords were in the Secret. Other slots are left over from an interrupted issue.
        /// </summary>
        public ImmutableArray<string> HandedOut { get; init; } = [];

        /// <summary>A rotate or rotate-and-revoke token asks for it.</summary>
        public bool HandlesToken => Reason is Reasons.Rotating or Reasons.Revoked && !IsUnasked;
    }

    /// <summary>Reads the device from the API server and stops if the cache shows outdated rotate tokens.</summary>
    public sealed record ConfirmTokens : OfCredential;

    /// <summary>
    /// Writes the hash of a claimed password into its slot, if it is not there, then into the Secret.
    /// </summary>
    /// <param name="Hash">The hash, with its claim and selector.</param>
    /// <param name="Overwrites">The Secret to overwrite, at this version; null to create one.</param>
    /// <param name="Reason">The reason of the event.</param>
    public sealed record CommitClaimedHash(
        ClaimedHash Hash, SecretState.Owned? Overwrites, string Reason) : OfCredential;

    /// <summary>Creates the slot that the backend has lost, from the password or hash in the Secret.</summary>
    public sealed record RestoreSlot(SecretState.Owned Secret) : OfCredential;

    /// <summary>Updates slots to match the spec. Their hashes stay the same.</summary>
    public sealed record PutSlots(ImmutableArray<Slot> Slots) : Change;

    /// <summary>Takes rights from slots that go on. Gives none.</summary>
    public sealed record LimitSlots(ImmutableArray<Slot> Slots) : OfRevocation;

    /// <summary>Removes slots that have ended or that no Secret names.</summary>
    public sealed record RemoveSlots(ImmutableArray<string> Selectors) : OfRevocation
    {
        /// <summary>Whether their open sessions end too. False only if every password had its whole overlap.</summary>
        public bool EndsSessions { get; init; }
    }

    /// <summary>
    /// Replaces a removal where mail servers must be told of it. The backend refuses the slots from now on and keeps
    /// them: they record, even across a crash, that mail servers are still to be told.
    /// </summary>
    public sealed record RefuseSlots(ImmutableArray<Slot> Slots) : OfRevocation;

    /// <summary>Flushes the mailboxes' entries from the auth cache of every mail server.</summary>
    /// <param name="Mailboxes">In lower case.</param>
    /// <param name="EndsSessions">Whether their open sessions end too.</param>
    public sealed record TellMailServers(ImmutableArray<string> Mailboxes, bool EndsSessions) : OfRevocation
    {
        /// <summary>The suspension is complete once this succeeds.</summary>
        public bool CompletesSuspension { get; init; }
    }

    /// <summary>Restores everything in the Secret except the password.</summary>
    public sealed record RepairSecret(SecretState.Owned Secret) : Change;

    /// <summary>
    /// Records the rotate token as handled without a new password: the chosen password has not changed.
    /// </summary>
    /// <param name="Secret">The Secret with its new bookkeeping.</param>
    public sealed record MarkRotationHandled(SecretState.Owned Secret) : OfCredential;

    /// <summary>Recreates the Secret with the same password, because it cannot be changed in place.</summary>
    public sealed record ReplaceSecret(SecretState.Owned Secret) : Change;

    /// <summary>
    /// Restarts the workloads that read the Secret only at their start, then records that in the Secret.
    /// </summary>
    public sealed record RestartRollouts(SecretState.Owned Secret, ImmutableArray<RolloutTarget> Targets) : Change;

    /// <summary>Tries a login with the password in the Secret. The result never changes the Secret.</summary>
    public sealed record VerifyLogin(SecretState.Owned Secret) : Change;

    /// <summary>
    /// Tries a login with the password in the Secret of a deleted or expired device. The mail server must refuse it.
    /// </summary>
    /// <param name="Endpoint">The mail server to ask.</param>
    /// <param name="Username">The user name of the login.</param>
    /// <param name="Left">How much longer the mail server may accept it; zero or less if it may not.</param>
    public sealed record ExpectRefusal(ClientEndpoint Endpoint, string Username, TimeSpan Left) : OfVerification;

    /// <summary>Tries a login with an earlier password that has ended. The mail server must refuse it.</summary>
    /// <param name="Check">The mail server to ask, and the user name.</param>
    /// <param name="Secret">The Secret that contains the sealed password.</param>
    /// <param name="Ended">The sealed password.</param>
    public sealed record TryEnded(LoginCheck Check, SecretState.Owned Secret, SealedPassword Ended)
        : OfVerification;

    public sealed record DeleteSecret(ObsoleteSecret Secret) : Change;

    /// <summary>Removes every slot of the device at one backend and checks that none is left.</summary>
    public sealed record RemoveAll : OfRevocation;

    /// <summary>Marks slots that outlive the device, so that the orphan sweep does not remove them.</summary>
    public sealed record RetainSlots(ImmutableArray<Slot> Slots) : OfRevocation;

    /// <summary>Says in an event how the device's passwords ended with it.</summary>
    /// <param name="IsRetained">They go on.</param>
    public sealed record AnnounceEnd(bool IsRetained) : Change;

    /// <summary>Comes after the last removal: the API server can then delete the object.</summary>
    public sealed record RemoveFinalizer : Change
    {
        /// <summary>Passwords may be left at the backend. They keep the device's place in the quotas.</summary>
        public bool LeavesPasswords { get; init; }
    }
}
