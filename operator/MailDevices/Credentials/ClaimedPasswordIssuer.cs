using System.Net;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Claims;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;

namespace MailOperator.MailDevices.Credentials;

/// <summary>
/// Issues a claimed password: first the slot, then one write of the Secret with the hash. After an interruption the
/// next try repeats the same writes, because selector and hash come from the claim.
/// </summary>
internal sealed class ClaimedPasswordIssuer(DeviceSecrets secrets, TimeProvider clock)
{
    /// <returns>The Secret as written.</returns>
    /// <exception cref="ApiException">
    /// The API server refused the Secret. If that was no conflict, the new slot is removed again.
    /// </exception>
    public async Task<SecretState.Owned> CommitAsync(
        MailDevice device,
        MailDeviceSnapshot observed,
        Change.CommitClaimedHash commit,
        IMailBackend backend,
        SlotOwner owner,
        CancellationToken cancellationToken)
    {
        DesiredCredential desired = observed.Desired!;
        ClaimedHash claimed = commit.Hash;
        Slot? present = observed.Slots.FirstOrDefault(slot => slot.Selector == claimed.Selector);
        DateTimeOffset issuedAt = present?.IssuedAt ?? Rfc3339.WholeSeconds(clock.GetUtcNow());
        if (present?.Hash != claimed.Hash)
        {
            Slot slot = CredentialIssuer.SlotOf(
                desired, owner, claimed.Selector, claimed.IsChosen, claimed.Hash, issuedAt);
            await backend.ApplyAsync(new SlotChange(owner, [slot], []), cancellationToken);
        }

        var record = new CredentialRecord
        {
            Epoch = CredentialRecord.EpochAfter(device, commit.Overwrites),
            Selector = claimed.Selector,
            IssuedAt = issuedAt,
            Origin = new PasswordOrigin.Claimed(claimed.Claim, claimed.IsChosen),
        };
        using var hash = new SecretPayload.Hash(claimed.Hash);
        SecretState written;
        try
        {
            written = await secrets.CommitAsync(device, desired, record, hash, commit.Overwrites, cancellationToken);
        }
        catch (ApiException e) when (e is { IsRefusal: true, IsConflict: false } && present is null)
        {
            await backend.ApplyAsync(new SlotChange(owner, [], [claimed.Selector]), cancellationToken);
            throw;
        }

        return written as SecretState.Owned
            ?? throw new ApiException(
                HttpStatusCode.Conflict, "Conflict", "Somebody else created or changed the Secret at the same time.");
    }
}
