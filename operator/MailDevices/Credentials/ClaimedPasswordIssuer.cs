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
/// Issues what a person took: the slot first, then the one write of the Secret that keeps the hash. Whatever cuts it short,
/// the next try does the same once more: slot and hash are the claim's, and not made up here.
/// </summary>
internal sealed class ClaimedPasswordIssuer(DeviceSecrets secrets, TimeProvider clock)
{
    public async Task<SecretState.Owned> KeepAsync(
        MailDevice device, MailDeviceSnapshot observed, Change.CommitClaimedHash keep, IMailBackend backend, SlotOwner owner, CancellationToken cancellationToken)
    {
        DesiredCredential desired = observed.Desired!;
        ClaimedHash held = keep.Hash;
        Slot? present = observed.Slots.FirstOrDefault(slot => slot.Selector == held.Selector);
        DateTimeOffset issuedAt = present?.IssuedAt ?? Rfc3339.WholeSeconds(clock.GetUtcNow());
        if (present?.Hash != held.Hash)
        {
            Slot slot = CredentialIssuer.SlotOf(desired, owner, held.Selector, held.IsChosen, held.Hash, issuedAt);
            await backend.ApplyAsync(new SlotChange(owner, [slot], []), cancellationToken);
        }

        var record = new CredentialRecord
        {
            Epoch = (keep.Over?.Credential.Epoch ?? 0) + 1,
            Selector = held.Selector,
            IssuedAt = issuedAt,
            Origin = new PasswordOrigin.Claimed(held.Claim, held.IsChosen),
        };
        using var hash = new SecretPayload.Hash(held.Hash);
        return await secrets.CommitAsync(device, desired, record, hash, keep.Over, cancellationToken) as SecretState.Owned
            ?? throw new ApiException(HttpStatusCode.Conflict, "Conflict", "The Secret was taken by another while it was written.");
    }
}
