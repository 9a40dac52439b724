using System.Globalization;
using MailOperator.Integrity;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Spec;

namespace MailOperator.MailDevices.Secrets;

/// <summary>Computes the digest of a Secret's record.</summary>
internal static class RecordDigest
{
    public static string Compute(
        this CredentialDigest digest, string deviceUid, CredentialRecord record, ReadOnlySpan<byte> password) =>
        digest.Compute([deviceUid, .. FieldsOf(record)], password);

    /// <summary>
    /// The digest of a Secret that was found to be genuine and as desired. It proves that later, without the Secret's
    /// password, as long as neither this version of the Secret nor what is desired has changed.
    /// </summary>
    public static string OfChecked(
        this CredentialDigest digest, string deviceUid, SecretState.Owned secret, DesiredSecret desired) =>
        // No UID is this word, so the digest of a password cannot pass for this one.
        digest.Compute(
            [
                "checked",
                SecretContent.Layout,
                deviceUid,
                secret.Uid,
                secret.ResourceVersion,
                desired.Fingerprint().ToString("x32", CultureInfo.InvariantCulture),
                .. FieldsOf(secret.Credential),
            ],
            []);

    private static string[] FieldsOf(CredentialRecord record)
    {
        var origin = OriginAnnotations.Of(record.Origin);
        return
        [
            record.Epoch.ToString(CultureInfo.InvariantCulture),
            record.Selector,
            Rfc3339.Format(record.IssuedAt),
            record.HandledRotation,
            record.HandledRotateAndRevoke,
            .. record.Retiring.Select(static retiring => $"{retiring.Selector} {Rfc3339.Format(retiring.At)}"),
            // Else whoever may write the Secret could restart workloads.
            .. record.IsRestartOwed ? ["restart owed"] : Array.Empty<string>(),
            // No selector has an equals sign, so the following cannot pass for one more of them.
            .. origin.Source.Length > 0 ? [$"source={origin.Source}"] : Array.Empty<string>(),
            .. origin.IssuedFor.Length > 0 ? [$"issued-for={origin.IssuedFor}"] : Array.Empty<string>(),
            // A hash must not pass for a password, nor a password for a hash.
            .. origin.Claim.Length > 0 ? [$"claim={origin.Claim}"] : Array.Empty<string>(),
            .. record.ToBeRefused.Select(
                static one => $"to-be-refused={one.Selector} {Rfc3339.Format(one.EndsAt)} {one.Box}"),
        ];
    }
}
