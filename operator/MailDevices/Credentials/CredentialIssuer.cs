using System.Collections.Immutable;
using System.Diagnostics;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Revocation;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailDevices.Verification;
using MailOperator.MailServers;
using MailOperator.Passwords;
using MailOperator.SecretTemplates;

namespace MailOperator.MailDevices.Credentials;

/// <summary>
/// The one protocol of issuing and rotating: password, hash, new slot beside the others, then one write of the Secret
/// that succeeds only if nobody else wrote. Until that write the new slot is nobody's and costs nothing to lose; after
/// it the password in the Secret has been accepted all along.
/// </summary>
internal sealed class CredentialIssuer(DeviceSecrets secrets, PasswordHasher hasher, LoginVerifier verifier, TimeProvider clock)
{
    public async Task<(SecretState.Owned Secret, LoginAnswer? Login)> IssueAsync(
        MailDevice device,
        MailDeviceSnapshot observed,
        Change.IssueCredential issue,
        IMailBackend backend,
        SlotOwner owner,
        CancellationToken cancellationToken)
    {
        var order = new Order(device, observed, issue, backend, owner, clock.GetUtcNow());
        return await order.Desired.Password.Match(
            generated: one => IssueOursAsync(order, PasswordGenerator.Generate(one.Length, one.Alphabet), cancellationToken),
            chosen: async one => await IssueOursAsync(
                order, await secrets.Chosen.TakeAsync(device, one.Source, cancellationToken), cancellationToken),
            claimed: static _ => throw new UnreachableException("A claimed password is committed and never issued."),
            madeByBackend: _ => IssueTheirsAsync(order, cancellationToken));
    }

    private async Task<(SecretState.Owned Secret, LoginAnswer? Login)> IssueOursAsync(
        Order order, AppPassword made, CancellationToken cancellationToken)
    {
        using AppPassword password = made;
        SecretText.ThrowIfTooLong(order.Desired.Secret, password.Bytes); // before anything is pushed
        IEnumerable<Slot> keepable = order.Observed.Slots.Where(slot => order.Issue.Keepable.Contains(slot.Selector));
        Slot? kept = await FindAsync(password, keepable, cancellationToken);
        Slot slot = kept ?? await PushAsync(order.Desired, order.Owner, password, order.Backend, cancellationToken);
        return await CommitAsync(order, new Pushed(password, slot, kept), cancellationToken);
    }

    private async Task<(SecretState.Owned Secret, LoginAnswer? Login)> IssueTheirsAsync(Order order, CancellationToken cancellationToken)
    {
        Slot slot = SlotOf(
            order.Desired, order.Owner, PasswordGenerator.GenerateSelector(), isChosen: false, hash: "", Rfc3339.WholeSeconds(clock.GetUtcNow()));
        using AppPassword password = await order.Backend.Issuer!.IssueAsync(slot, cancellationToken);
        try
        {
            SecretText.ThrowIfTooLong(order.Desired.Secret, password.Bytes);
        }
        catch (TextTooLongException)
        {
            // Nobody will read it, and each further try leaves another there.
            await order.Backend.ApplyAsync(new SlotChange(order.Owner, [], [slot.Selector]), cancellationToken);
            throw;
        }

        return await CommitAsync(order, new Pushed(password, slot, kept: null), cancellationToken);
    }

    private async Task<(SecretState.Owned Secret, LoginAnswer? Login)> CommitAsync(
        Order order, Pushed pushed, CancellationToken cancellationToken)
    {
        (MailDevice device, MailDeviceSnapshot observed, Change.IssueCredential issue, IMailBackend backend) =
            (order.Device, order.Observed, order.Issue, order.Backend);
        DesiredCredential desired = order.Desired;
        (AppPassword password, Slot slot, Slot? kept) = pushed;
        LoginAnswer? login = await VerifyAsync(observed, issue, slot, password, backend, cancellationToken);
        DateTimeOffset now = clock.GetUtcNow();
        ImmutableArray<RetiringCredential> retiring =
        [
            .. FromTheCommit(issue.Retiring, order.Begun).Where(retiring => retiring.Selector != slot.Selector)
                .Select(retiring => retiring with { At = WholeSeconds(retiring.At, now) }),
        ];
        var record = new CredentialRecord
        {
            Epoch = (issue.Over?.Credential.Epoch ?? 0) + 1,
            Selector = slot.Selector,
            IssuedAt = kept is null ? slot.IssuedAt : Rfc3339.WholeSeconds(now),
            HandledRotation = observed.RotateToken,
            // A leak is dealt with only by a password that the device did not have before.
            HandledRotateAndRevoke = issue.HandedOut.Contains(slot.Selector)
                ? RotateRequest.AnsweredRevocation(observed, issue.Over)
                : observed.RotateAndRevokeToken,
            IsRestartOwed = issue.FollowsAnother && !desired.RestartTargets.IsEmpty,
            Origin = OriginOf(order, slot, password),
            Retiring = retiring,
            ToBeRefused = EndedPasswords.AfterIssue(
                (await ToBeRefusedAsync(device, observed, issue.Over, now, cancellationToken)).Where(one => one.Selector != slot.Selector), retiring, now),
        };
        try
        {
            return await secrets.CommitAsync(device, desired, record, new SecretPayload.Password(password), issue.Over, cancellationToken) is SecretState.Owned written
                ? (written, login)
                : throw new ApiException(System.Net.HttpStatusCode.Conflict, "Conflict", "The Secret was taken by another while it was written.");
        }
        catch (ApiException e) when (e.IsConflict && desired.Source is null)
        {
            // Refused for certain, so nobody will ever read this password: its slot need not wait for the sweep. (A chosen
            // one may have been found there and committed by whoever won.)
            await backend.ApplyAsync(new SlotChange(slot.Owner, [], [slot.Selector]), cancellationToken);
            throw;
        }
    }

    private PasswordOrigin OriginOf(Order order, Slot slot, AppPassword password) => order.Desired.Password.Match<PasswordOrigin>(
        generated: static _ => new PasswordOrigin.Generated(),
        chosen: _ => new PasswordOrigin.Chosen(secrets.Chosen.DigestOf(order.Device, slot.Selector, password)),
        claimed: static _ => throw new UnreachableException("A claimed password is committed and never issued."),
        madeByBackend: _ => new PasswordOrigin.MadeByBackend(order.Desired.Scope));

    /// <summary>
    /// The passwords of before that are to be tried after their ends. One that somebody chose may rightly open the mailbox by
    /// another way, and of a Secret that is gone or was edited nothing is known.
    /// </summary>
    private async Task<IEnumerable<SealedPassword>> ToBeRefusedAsync(
        MailDevice device, MailDeviceSnapshot observed, SecretState.Owned? over, DateTimeOffset now, CancellationToken cancellationToken) =>
        observed.LoginCheck is null || over is not { IsGenuine: true } ? []
            : over.Credential.Origin.IsChosen ? over.Credential.ToBeRefused
            : over.Credential.ToBeRefused.Append(await secrets.SealAsync(device, over, now, cancellationToken));

    /// <summary>Nobody is handed a password that the mail server refuses. One that it cannot be asked about is not held up.</summary>
    private async Task<LoginAnswer?> VerifyAsync(
        MailDeviceSnapshot observed, Change.IssueCredential issue, Slot slot, AppPassword password, IMailBackend backend, CancellationToken cancellationToken)
    {
        bool mustNotWait = issue.IsRevoking && slot.IsChosen; // the leaked one ends only with the commit
        if (observed.LoginCheck is not { Endpoint: not null, IsQuick: true } check || mustNotWait)
        {
            return null; // it is tried once it is in the Secret
        }

        LoginAnswer answer = await verifier.TryNewAsync(check, password, cancellationToken);
        if (answer.Outcome != LoginOutcome.Refused)
        {
            return answer;
        }

        if (!slot.IsChosen) // a chosen one may have been found there and committed by another
        {
            await backend.ApplyAsync(new SlotChange(slot.Owner, [], [slot.Selector]), cancellationToken);
        }

        throw new MailBackendException(
            BackendFailure.NotAccepted,
            $"The new password was not handed out: MailBackend '{observed.Desired!.BackendName}' took it, and {answer.Message}. "
            + "See that the mail server reads what the MailBackend writes. "
            + (issue.IsRevoking ? "Every password from before has ended as asked." : "A password from before stays as it is."));
    }

    /// <summary>The current slot of a device, as its spec wants it.</summary>
    public static Slot SlotOf(
        DesiredCredential desired, SlotOwner owner, string selector, bool isChosen, string hash, DateTimeOffset issuedAt) => new()
        {
            Owner = owner,
            Selector = selector,
            IsChosen = isChosen,
            Mailbox = desired.Access.Mailbox,
            Hash = hash,
            IssuedAt = issuedAt,
            NotAfter = desired.Lifetime.NotAfter(retiresAt: null),
            Device = desired.Device,
            Restrictions = desired.Access.Restrictions,
        };

    /// <summary>
    /// The slot that holds this very password. A chosen one may be there already: its Secret was edited or deleted, an
    /// issue was cut short, or it was chosen once more. In two slots it would take two of a mailbox's few places.
    /// </summary>
    private async Task<Slot?> FindAsync(AppPassword password, IEnumerable<Slot> slots, CancellationToken cancellationToken)
    {
        foreach (Slot slot in slots)
        {
            if (await hasher.VerifyAsync(password, slot.Hash, cancellationToken))
            {
                return slot;
            }
        }

        return null;
    }

    private async Task<Slot> PushAsync(
        DesiredCredential desired, SlotOwner owner, AppPassword password, IMailBackend backend, CancellationToken cancellationToken)
    {
        string hash = await hasher.HashAsync(password, desired.WorkFactor, cancellationToken);
        bool isChosen = desired.Source is not null;
        string selector = isChosen ? PasswordGenerator.GenerateSelector() : password.Selector;
        Slot slot = SlotOf(desired, owner, selector, isChosen, hash, Rfc3339.WholeSeconds(clock.GetUtcNow()));
        await backend.ApplyAsync(new SlotChange(owner, [slot], []), cancellationToken);
        return slot;
    }

    /// <summary>A password with the slot that holds it.</summary>
    /// <param name="password">In clear; whoever made it wipes it.</param>
    /// <param name="slot">Its slot.</param>
    /// <param name="kept">The same, if it was there before.</param>
    private sealed class Pushed(AppPassword password, Slot slot, Slot? kept)
    {
        public void Deconstruct(out AppPassword itself, out Slot holder, out Slot? found) => (itself, holder, found) = (password, slot, kept);
    }

    /// <summary>What is to be issued, for whom and where.</summary>
    private sealed record Order(
        MailDevice Device, MailDeviceSnapshot Observed, Change.IssueCredential Issue, IMailBackend Backend, SlotOwner Owner, DateTimeOffset Begun)
    {
        public DesiredCredential Desired => Observed.Desired!;
    }

    // A queue for hashes or a slow backend is no part of the overlap: what ends last, ends that much later. What was
    // promised an earlier end before keeps it, and so does what ends now.
    private IEnumerable<RetiringCredential> FromTheCommit(ImmutableArray<RetiringCredential> retiring, DateTimeOffset begun)
    {
        TimeSpan taken = clock.GetUtcNow() - begun;
        DateTimeOffset last = retiring.Select(static one => one.At).DefaultIfEmpty(begun).Max();
        return retiring.Select(one => one.At == last && last > begun ? one with { At = last + taken } : one);
    }

    // Overlap is promised: rounding to the seconds of an annotation must not shorten it. An end that is now stays now.
    private static DateTimeOffset WholeSeconds(DateTimeOffset time, DateTimeOffset now) =>
        Rfc3339.WholeSeconds(time) is var whole && (whole == time || time <= now) ? whole : whole.AddSeconds(1);
}
