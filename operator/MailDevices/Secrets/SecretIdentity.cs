using MailOperator.Api;
using MailOperator.Integrity;

namespace MailOperator.MailDevices.Secrets;

/// <summary>
/// The annotation of a Secret that names the device its password was made for. After a restore from a backup nothing
/// else does: the Secret has no owner then, and the device has another UID.
/// </summary>
/// <param name="Uid">The UID that the device had.</param>
/// <param name="Proof">The digest by which the operator knows what it wrote.</param>
internal sealed record SecretIdentity(string Uid, string Proof)
{
    /// <summary>The annotation of the device's Secret.</summary>
    public static string Of(MailDevice device, CredentialDigest digest) =>
        $"{device.PasswordUid} {digest.OfIdentity(device.Key, device.PasswordUid)}";

    /// <summary>What an annotation says; null if it is none.</summary>
    public static SecretIdentity? Parse(string? annotation) =>
        annotation?.Split(' ') is [{ Length: > 0 } uid, { Length: > 0 } proof] ? new SecretIdentity(uid, proof) : null;

    /// <summary>Whether this operator wrote it for a device of this namespace and name.</summary>
    public bool IsProven(MailDevice device, CredentialDigest digest) =>
        CredentialDigest.AreEqual(Proof, digest.OfIdentity(device.Key, Uid));
}
