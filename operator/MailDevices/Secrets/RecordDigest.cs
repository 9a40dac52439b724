using System.Globalization;
using MailOperator.Integrity;
using MailOperator.Kubernetes;

namespace MailOperator.MailDevices.Secrets;

/// <summary>Computes the digest of a Secret's record.</summary>
internal static class RecordDigest
{
    public static string Compute(
        this CredentialDigest digest, string deviceUid, CredentialRecord record, ReadOnlySpan<byte> password)
    {
        var origin = OriginAnnotations.Of(record.Origin);
        string[] fields =
        [
            deviceUid,
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
        return digest.Compute(fields, password);
    }
}
