using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Spec;
using MailOperator.SecretTemplates;

namespace MailOperator.MailDevices.Secrets;

/// <summary>
/// Writes the content of a device's Secret. A rotation changes <c>data</c> exactly once, because all records are in
/// annotations.
/// </summary>
internal static class SecretContent
{
    /// <summary>
    /// Names what is written for the same settings. Change it whenever that changes: each Secret is then checked once
    /// more when the new operator starts.
    /// </summary>
    public const string Layout = "layout 2";

    /// <summary>Writes the labels and annotations that the operator owns.</summary>
    public static void WriteMetadata(
        Utf8JsonWriter json,
        DesiredSecret desired,
        CredentialRecord record,
        (string Digest, string Identity) proofs,
        IEnumerable<string> removedLabels,
        IEnumerable<string> removedAnnotations)
    {
        json.WriteStartObject("labels");
        json.WriteString(Annotations.ManagedByLabel, Annotations.ManagedByValue);
        WriteAll(json, desired.Labels);
        WriteNulls(json, removedLabels);
        json.WriteEndObject();

        json.WriteStartObject("annotations");
        json.WriteString(Annotations.Epoch, record.Epoch.ToString(CultureInfo.InvariantCulture));
        json.WriteString(Annotations.Credential, record.Selector);
        json.WriteString(Annotations.IssuedAt, Rfc3339.Format(record.IssuedAt));
        json.WriteString(Annotations.Retiring, CredentialAnnotations.RetiringText(record.Retiring));
        json.WriteString(Annotations.HandledRotation, record.HandledRotation);
        json.WriteString(Annotations.HandledRotateAndRevoke, record.HandledRotateAndRevoke);
        var origin = OriginAnnotations.Of(record.Origin);
        if (origin.IssuedFor.Length > 0)
        {
            json.WriteString(Annotations.IssuedFor, origin.IssuedFor);
        }

        if (!record.ToBeRefused.IsEmpty)
        {
            json.WriteString(Annotations.ToBeRefused, CredentialAnnotations.ToBeRefusedText(record.ToBeRefused));
        }

        if (record.IsRestartOwed)
        {
            json.WriteString(Annotations.RestartOwed, "true");
        }

        if (origin.Claim.Length > 0)
        {
            json.WriteString(Annotations.HeldByClaim, origin.Claim);
        }

        json.WriteString(Annotations.Source, origin.Source);
        json.WriteString(Annotations.Digest, proofs.Digest);
        json.WriteString(Annotations.Identity, proofs.Identity);
        json.WriteString(Annotations.AppliedMetadata, Applied(desired));
        WriteAll(json, desired.Annotations);
        WriteNulls(json, removedAnnotations);
        json.WriteEndObject();
    }

    public static void WriteData(
        Utf8JsonWriter json, DesiredSecret desired, SecretPayload payload, IEnumerable<string> removedKeys)
    {
        json.WriteStartObject("data");
        foreach ((string key, string value) in SecretText.Settings(desired))
        {
            json.WriteBase64String(key, Encoding.UTF8.GetBytes(value));
        }

        if (payload is SecretPayload.Hash hash)
        {
            json.WriteBase64String(SecretKeys.Hash, hash.Bytes);
        }
        else
        {
            WritePassword(json, desired, payload.Bytes);
        }

        WriteNulls(json, removedKeys);
        json.WriteEndObject();
    }

    private static void WritePassword(Utf8JsonWriter json, DesiredSecret desired, ReadOnlySpan<byte> password)
    {
        json.WriteBase64String(SecretKeys.Password, password);
        byte[] uri = SecretText.Uri(desired, password);
        json.WriteBase64String(SecretKeys.Uri, uri);
        Array.Clear(uri);
        foreach ((string key, SecretTemplate template) in desired.Data)
        {
            byte[] value = SecretText.Render(template, desired, password);
            json.WriteBase64String(key, value);
            Array.Clear(value);
        }
    }

    /// <summary>
    /// Names of the labels, annotations and keys from the spec, so that they can be removed again. Without keys their
    /// part is left out, as in a Secret of a version without such keys.
    /// </summary>
    public static string Applied(DesiredSecret desired) =>
        string.Join(',', desired.Labels.Keys) + ";" + string.Join(',', desired.Annotations.Keys)
        + (desired.Data.IsEmpty ? "" : ";" + string.Join(',', desired.Data.Keys));

    private static void WriteAll(Utf8JsonWriter json, ImmutableSortedDictionary<string, string> values)
    {
        foreach ((string key, string value) in values)
        {
            json.WriteString(key, value);
        }
    }

    private static void WriteNulls(Utf8JsonWriter json, IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            json.WriteNull(name);
        }
    }
}
