using System.Globalization;
using MailOperator.Integrity;
using MailOperator.Kubernetes;

namespace MailOperator.MailDevices.Secrets;

/// <summary>What of a Secret's bookkeeping its digest covers.</summary>
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
            .. record.IsRestartOwed ? ["restart owed"] : Array.Empty<string>(), // whoever may write the Secret must not have things restarted
            // No id holds an equals sign, so this cannot be read as one more of those.
            .. origin.Source.Length > 0 ? [$"source={origin.Source}"] : Array.Empty<string>(),
            .. origin.IssuedFor.Length > 0 ? [$"issued-for={origin.IssuedFor}"] : Array.Empty<string>(),
            .. origin.Claim.Length > 0 ? [$"claim={origin.Claim}"] : Array.Empty<string>(), // a hash must not pass for a password, nor the other way round
            .. record.ToBeRefused.Select(static one => $"to-be-refused={one.Selector} {Rfc3339.Format(one.EndsAt)} {one.Box}"),
        ];
        return digest.Compute(fields, password);
    }
}
