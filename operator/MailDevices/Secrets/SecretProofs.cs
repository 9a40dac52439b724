using MailOperator.Api;
using MailOperator.Integrity;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Spec;

namespace MailOperator.MailDevices.Secrets;

/// <summary>
/// The proof in a device's status that its Secret was checked. With it a restart reads no Secret: the watch shows the
/// version and the annotations, and only an unchanged version fits the proof.
/// </summary>
internal sealed class SecretProofs(CredentialDigestSource digests)
{
    /// <summary>The proof; null if the Secret is not what is desired, or that is not known.</summary>
    public string? Of(MailDevice device, SecretState? secret, DesiredCredential? desired) =>
        desired is not null
        && secret is SecretState.Owned
        {
            IsGenuine: true, MatchesDesired: true, MustBeReplaced: false, IsDeleting: false,
        } sound
            ? digests.Current.OfChecked(device.Metadata.Uid, sound, desired.Secret)
            : null;

    /// <summary>The Secret as it was checked before; null if the status does not prove that of this version.</summary>
    /// <param name="device">Its device.</param>
    /// <param name="seen">The Secret as the watch shows it.</param>
    /// <param name="desired">The desired credential.</param>
    public SecretState.Owned? CheckedBefore(MailDevice device, SecretMetadata seen, DesiredCredential desired)
    {
        if (device.Status?.SecretDigest is not { Length: > 0 } proof || seen.IsDeleting)
        {
            return null;
        }

        var secret = new SecretState.Owned
        {
            Name = seen.Metadata.Name,
            Uid = seen.Metadata.Uid,
            ResourceVersion = seen.Metadata.ResourceVersion,
            Credential = RecordReader.Read(seen.Metadata),
            IsGenuine = true,
            MatchesDesired = true,
        };
        return CredentialDigest.AreEqual(proof, digests.Current.OfChecked(device.Metadata.Uid, secret, desired.Secret))
            ? secret
            : null;
    }
}
