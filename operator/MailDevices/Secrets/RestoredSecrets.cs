using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Integrity;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Spec;

namespace MailOperator.MailDevices.Secrets;

/// <summary>
/// Finds the password of a device that was restored from a backup. The object has a new UID then; its Secret and its
/// slot at the mail system are known under the earlier one. Such a password goes on only if this operator wrote the
/// Secret for this namespace and name, and the mail system still has it for this mailbox: whatever ended it before
/// stays in force.
/// </summary>
internal sealed class RestoredSecrets(
    ObjectStore<MailDevice> devices,
    ObjectStore<SecretMetadata> watched,
    DeviceSecrets secrets,
    CredentialDigestSource digests,
    OperatorIdentity identity,
    TimeProvider clock)
{
    /// <summary>
    /// The UID under which the device can go on; null if there is none. Asks nobody unless the watch shows a Secret
    /// that was written under another UID.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="backend">The device's backend.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <exception cref="MailBackendException">The backend did not answer.</exception>
    public async Task<string?> FindAsync(
        MailDevice device, IMailBackend backend, CancellationToken cancellationToken)
    {
        if (Written(device) is not { } written)
        {
            return null;
        }

        bool isProven = written.IsProven(device, digests.Current);
        if (!isProven && (!MayBeUnproven(device, written) || IsLiving(written.Uid)))
        {
            return null;
        }

        string mailbox = MailboxAddress.Normalize(device.Spec.Mailbox);
        IReadOnlyList<Slot> slots = await backend.ListAsync(
            new SlotOwner(identity.Instance, written.Uid), cancellationToken);
        Slot[] accepted =
        [
            .. slots.Where(slot => slot is { End: null, IsRetained: false } && slot.Mailbox == mailbox),
        ];
        return accepted.Length > 0
            && await secrets.HoldsAsync(device, isProven ? written.Uid : null, accepted, cancellationToken)
                ? written.Uid
                : null;
    }

    // A device never gives up a password of its own for another.
    private SecretIdentity? Written(MailDevice device) =>
        device.Status is not ({ Credentials.Length: > 0 } or { AdoptedUid: not null })
        && watched.Find(new ObjectKey(device.Metadata.NamespaceProperty, MailDeviceResolver.SecretName(device))) is
            { IsDeleting: false } secret
        && !Owner.IsOf(secret, device.Metadata.Uid)
        && SecretIdentity.Parse(secret.Annotation(Annotations.Identity)) is { } written
        && written.Uid != device.Metadata.Uid
            ? written
            : null;

    // The digest key may be another one than that of the backup. Then the mail system decides.
    private bool MayBeUnproven(MailDevice device, SecretIdentity written) =>
        device.Annotation(Annotations.Adopt) == "true"
        || digests.Current.MayBeOfKeyBefore(written.Proof, clock.GetUtcNow());

    private bool IsLiving(string uid) => devices.All.Any(other => other.PasswordUid == uid);
}
