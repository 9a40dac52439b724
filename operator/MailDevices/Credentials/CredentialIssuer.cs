using System.Diagnostics;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailDevices.Verification;
using MailOperator.MailServers;
using MailOperator.Passwords;
using MailOperator.SecretTemplates;

namespace MailOperator.MailDevices.Credentials;

/// <summary>
/// Issues and rotates passwords: it makes a password, hashes it, adds a slot beside the others, and then commits with
/// one write of the Secret that fails if somebody else wrote first. Before the commit nobody uses the new slot, so it
/// may be lost. From the commit on the backend accepts the password in the Secret.
/// </summary>
internal sealed class CredentialIssuer(
    DeviceSecrets secrets,
    CredentialRecorder recorder,
    PasswordHasher hasher,
    LoginVerifier verifier,
    UnconfirmedSlots unconfirmed,
    TimeProvider clock)
{
    /// <returns>The Secret as written, and the login tried before that; null if none was.</returns>
    /// <exception cref="MailBackendException">The backend or the mail server did not accept the password.</exception>
    /// <exception cref="ApiException">A conflict: somebody else wrote the Secret first.</exception>
    public async Task<(SecretState.Owned Secret, LoginAnswer? Login)> IssueAsync(
        MailDevice device,
        MailDeviceSnapshot observed,
        Change.IssueCredential issue,
        IMailBackend backend,
        SlotOwner owner,
        CancellationToken cancellationToken)
    {
        var order = new IssueOrder(device, observed, issue, backend, owner, clock.GetUtcNow());
        return await order.Desired.Password.Match(
            generated: one => IssueHashedAsync(
                order, PasswordGenerator.Generate(one.Length, one.Alphabet), cancellationToken),
            chosen: async one => await IssueHashedAsync(
                order, await secrets.Chosen.TakeAsync(device, one.Source, cancellationToken), cancellationToken),
            claimed: static _ => throw new UnreachableException("A claimed password is committed and never issued."),
            madeByBackend: _ => IssueMadeByBackendAsync(order, cancellationToken));
    }

    private async Task<(SecretState.Owned Secret, LoginAnswer? Login)> IssueHashedAsync(
        IssueOrder order, AppPassword made, CancellationToken cancellationToken)
    {
        using AppPassword password = made;
        SecretText.ThrowIfTooLong(order.Desired.Secret, password.Bytes); // before the backend is written
        IEnumerable<Slot> reusable = order.Observed.Slots.Where(slot => order.Issue.Reusable.Contains(slot.Selector));
        Slot? reused = await FindAsync(password, reusable, cancellationToken);
        Slot slot = reused ?? await PushAsync(order.Desired, order.Owner, password, order.Backend, cancellationToken);
        return await CommitAsync(order, new PushedPassword(password, slot, reused), cancellationToken);
    }

    private async Task<(SecretState.Owned Secret, LoginAnswer? Login)> IssueMadeByBackendAsync(
        IssueOrder order, CancellationToken cancellationToken)
    {
        Slot slot = SlotOf(
            order.Desired, order.Owner, PasswordGenerator.GenerateSelector(), isChosen: false, hash: "",
            Rfc3339.WholeSeconds(clock.GetUtcNow()));
        using AppPassword password = await order.Backend.Issuer!.IssueAsync(slot, cancellationToken);
        try
        {
            SecretText.ThrowIfTooLong(order.Desired.Secret, password.Bytes);
        }
        catch (TextTooLongException)
        {
            // Nobody will read this password, and without the removal each retry would leave one more.
            await order.Backend.ApplyAsync(new SlotChange(order.Owner, [], [slot.Selector]), cancellationToken);
            throw;
        }

        return await CommitAsync(order, new PushedPassword(password, slot, reused: null), cancellationToken);
    }

    private async Task<(SecretState.Owned Secret, LoginAnswer? Login)> CommitAsync(
        IssueOrder order, PushedPassword pushed, CancellationToken cancellationToken)
    {
        (AppPassword password, Slot slot, Slot? reused) = pushed;
        try
        {
            LoginAnswer? login =
                await VerifyAsync(order.Observed, order.Issue, slot, password, order.Backend, cancellationToken);
            CredentialRecord record = await recorder.RecordAsync(order, pushed, cancellationToken);
            SecretState state = await secrets.CommitAsync(
                order.Device,
                order.Desired,
                record,
                new SecretPayload.Password(password),
                order.Issue.Overwrites,
                cancellationToken);
            if (state is not SecretState.Owned written)
            {
                throw new ApiException(
                    System.Net.HttpStatusCode.Conflict,
                    "Conflict",
                    "Somebody else created or changed the Secret at the same time.");
            }

            unconfirmed.Forget(order.Device.Key); // the same plan has ended them
            return (written, login);
        }
        catch (ApiException e) when (e.IsRefusal)
        {
            await TakeBackAsync(order, pushed, e.IsConflict, cancellationToken);
            throw;
        }
        catch when (reused is null && !slot.IsChosen) // the slot of a chosen password is found and used again
        {
            unconfirmed.Add(order.Device.Key, slot.Selector);
            throw;
        }
    }

    /// <summary>
    /// The API server refused the write, so nobody will ever read this password: removes its slot now. After a conflict
    /// the slot of a chosen password stays, because the process that wrote the Secret may have committed the same slot.
    /// </summary>
    private static async Task TakeBackAsync(
        IssueOrder order, PushedPassword pushed, bool isConflict, CancellationToken cancellationToken)
    {
        (_, Slot slot, Slot? reused) = pushed;
        if (reused is null && !(order.Desired.Source is not null && isConflict))
        {
            await order.Backend.ApplyAsync(new SlotChange(slot.Owner, [], [slot.Selector]), cancellationToken);
        }
    }

    /// <summary>
    /// Tries a login with the new password, so that a password that the mail server refuses is never handed out. If the
    /// mail server does not answer, issuing continues.
    /// </summary>
    /// <returns>The answer; null if no login was tried.</returns>
    /// <exception cref="MailBackendException">The mail server refused the login.</exception>
    private async Task<LoginAnswer?> VerifyAsync(
        MailDeviceSnapshot observed,
        Change.IssueCredential issue,
        Slot slot,
        AppPassword password,
        IMailBackend backend,
        CancellationToken cancellationToken)
    {
        bool mustNotWait = issue.IsRevoking && slot.IsChosen; // the leaked password ends only after the commit
        if (observed.LoginCheck is not { Endpoint: not null, IsQuick: true } check || mustNotWait)
        {
            return null; // the login is tried after the commit
        }

        LoginAnswer answer = await verifier.TryNewAsync(check, password, cancellationToken);
        if (answer.Outcome != LoginOutcome.Refused)
        {
            return answer;
        }

        if (!slot.IsChosen) // the slot of a chosen password may be reused and committed by another process
        {
            await backend.ApplyAsync(new SlotChange(slot.Owner, [], [slot.Selector]), cancellationToken);
        }

        throw new MailBackendException(
            BackendFailure.NotAccepted,
            $"The new password was not handed out: MailBackend '{observed.Desired!.BackendName}' accepted it, "
            + $"but {answer.Message}. Check that the mail server reads what the MailBackend writes. "
            + (issue.IsRevoking
                ? "Every earlier password has ended, as requested."
                : "Earlier passwords did not change."));
    }

    /// <summary>The current slot of a device, as its spec asks for it.</summary>
    public static Slot SlotOf(
        DesiredCredential desired,
        SlotOwner owner,
        string selector,
        bool isChosen,
        string hash,
        DateTimeOffset issuedAt) => new()
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
    /// Finds the slot that has this password already; null if none has. A chosen password may have a slot because its
    /// Secret was edited or deleted, an issue was interrupted, or it was chosen again. A second slot would count twice
    /// against the limit of chosen passwords in a mailbox.
    /// </summary>
    private async Task<Slot?> FindAsync(
        AppPassword password, IEnumerable<Slot> slots, CancellationToken cancellationToken)
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
        DesiredCredential desired,
        SlotOwner owner,
        AppPassword password,
        IMailBackend backend,
        CancellationToken cancellationToken)
    {
        string hash = await hasher.HashAsync(password, desired.WorkFactor, cancellationToken);
        bool isChosen = desired.Source is not null;
        string selector = isChosen ? PasswordGenerator.GenerateSelector() : password.Selector;
        Slot slot = SlotOf(desired, owner, selector, isChosen, hash, Rfc3339.WholeSeconds(clock.GetUtcNow()));
        await backend.ApplyAsync(new SlotChange(owner, [slot], []), cancellationToken);
        return slot;
    }
}
