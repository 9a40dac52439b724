using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.Passwords;

namespace MailOperator.MailDevices;

/// <summary>
/// The one protocol of issuing and rotating: password, hash, new slot beside the others, then one write of the Secret
/// that succeeds only if nobody else wrote. Until that write the new slot is nobody's and costs nothing to lose; after
/// it the password in the Secret has been accepted all along.
/// </summary>
internal sealed class CredentialIssuer(DeviceSecrets secrets, PasswordHasher hasher, TimeProvider clock)
{
    public async Task<SecretState.Owned> IssueAsync(
        MailDevice device,
        MailDeviceSnapshot observed,
        Change.IssueCredential issue,
        IMailBackend backend,
        SlotOwner owner,
        CancellationToken cancellationToken)
    {
        DesiredCredential desired = observed.Desired!;
        using AppPassword password = PasswordGenerator.Generate(desired.PasswordLength, desired.Alphabet);
        string hash = await hasher.HashAsync(password, desired.WorkFactor, cancellationToken);
        DateTimeOffset now = clock.GetUtcNow();
        Slot slot = SlotOf(desired, owner, password.Selector, hash, Rfc3339.WholeSeconds(now));
        await backend.ApplyAsync(new SlotChange(owner, [slot], []), cancellationToken);

        var record = new CredentialRecord
        {
            Epoch = (issue.Over?.Credential.Epoch ?? 0) + 1,
            Selector = password.Selector,
            IssuedAt = slot.IssuedAt,
            HandledRotation = observed.RotateToken,
            HandledRotateAndRevoke = observed.RotateAndRevokeToken,
            IsRestartOwed = issue.FollowsAnother && !desired.RestartTargets.IsEmpty,
            Retiring = [.. issue.Retiring.Select(retiring => retiring with { At = WholeSeconds(retiring.At, now) })],
        };
        try
        {
            return await secrets.CommitAsync(device, desired, record, password, issue.Over, cancellationToken) as SecretState.Owned
                ?? throw new ApiException(System.Net.HttpStatusCode.Conflict, "Conflict", "The Secret was taken by another while it was written.");
        }
        catch (ApiException e) when (e.IsConflict)
        {
            // Refused for certain, so nobody will ever read this password: its slot need not wait for the sweep.
            await backend.ApplyAsync(new SlotChange(owner, [], [slot.Selector]), cancellationToken);
            throw;
        }
    }

    public static Slot SlotOf(DesiredCredential desired, SlotOwner owner, string selector, string hash, DateTimeOffset issuedAt) => new()
    {
        Owner = owner,
        Selector = selector,
        Mailbox = desired.Mailbox,
        Hash = hash,
        IssuedAt = issuedAt,
        Restrictions = desired.Restrictions,
    };

    // Overlap is promised: rounding to the seconds of an annotation must not shorten it. An end that is now stays now.
    private static DateTimeOffset WholeSeconds(DateTimeOffset time, DateTimeOffset now) =>
        Rfc3339.WholeSeconds(time) is var whole && (whole == time || time <= now) ? whole : whole.AddSeconds(1);
}
