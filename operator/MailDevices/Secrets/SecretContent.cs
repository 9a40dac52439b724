using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Spec;
using MailOperator.Passwords;
using MailOperator.SecretTemplates;

namespace MailOperator.MailDevices.Secrets;

/// <summary>
/// Writes what is in a device's Secret. Exactly one change of <c>data</c> per rotation: all bookkeeping is in
/// annotations.
/// </summary>
internal static class SecretContent
{
    /// <summary>Writes the members <c>type</c>, <c>data</c> and the metadata that the operator owns.</summary>
    public static void WriteMetadata(
        Utf8JsonWriter json, DesiredCredential desired, CredentialRecord record, string digest, IEnumerable<string> removedLabels, IEnumerable<string> removedAnnotations)
    {
        json.WriteStartObject("labels");
        json.WriteString(Annotations.ManagedByLabel, Annotations.ManagedByValue);
        WriteAll(json, desired.SecretLabels);
        WriteNulls(json, removedLabels);
        json.WriteEndObject();

        json.WriteStartObject("annotations");
        json.WriteString(Annotations.Epoch, record.Epoch.ToString(CultureInfo.InvariantCulture));
        json.WriteString(Annotations.Credential, record.Selector);
        json.WriteString(Annotations.IssuedAt, Rfc3339.Format(record.IssuedAt));
        json.WriteString(Annotations.Retiring, CredentialAnnotations.RetiringText(record.Retiring));
        json.WriteString(Annotations.HandledRotation, record.HandledRotation);
        json.WriteString(Annotations.HandledRotateAndRevoke, record.HandledRotateAndRevoke);
        if (record.Shape.Length > 0)
        {
            json.WriteString(Annotations.IssuedFor, record.Shape);
        }

        if (!record.ToBeRefused.IsEmpty)
        {
            json.WriteString(Annotations.ToBeRefused, CredentialAnnotations.ToBeRefusedText(record.ToBeRefused));
        }

        if (record.IsRestartOwed)
        {
            json.WriteString(Annotations.RestartOwed, "true");
        }

        if (record.IsHeld)
        {
            json.WriteString(Annotations.HeldByClaim, record.Claim);
        }

        json.WriteString(Annotations.Source, record.Source);
        json.WriteString(Annotations.Digest, digest);
        json.WriteString(Annotations.AppliedMetadata, Applied(desired));
        WriteAll(json, desired.SecretAnnotations);
        WriteNulls(json, removedAnnotations);
        json.WriteEndObject();
    }

    public static void WriteData(Utf8JsonWriter json, DesiredCredential desired, AppPassword password, IEnumerable<string> removedKeys)
    {
        json.WriteStartObject("data");
        foreach ((string key, string value) in SecretText.Settings(desired))
        {
            json.WriteBase64String(key, Encoding.UTF8.GetBytes(value));
        }

        if (desired.IsHeld)
        {
            json.WriteBase64String(SecretKeys.Hash, password.Bytes);
            WriteNulls(json, removedKeys);
            json.WriteEndObject();
            return;
        }

        json.WriteBase64String(SecretKeys.Password, password.Bytes);
        byte[] uri = SecretText.Uri(desired, password.Bytes);
        json.WriteBase64String(SecretKeys.Uri, uri);
        Array.Clear(uri);
        foreach ((string key, SecretTemplate template) in desired.SecretData)
        {
            byte[] value = SecretText.Render(template, desired, password.Bytes);
            json.WriteBase64String(key, value);
            Array.Clear(value);
        }

        WriteNulls(json, removedKeys);
        json.WriteEndObject();
    }

    /// <summary>
    /// Names of the labels, annotations and keys that the spec put there, so that they can be taken away again. The keys are
    /// left out where there are none: that is how a Secret from before there were any reads.
    /// </summary>
    public static string Applied(DesiredCredential desired) =>
        string.Join(',', desired.SecretLabels.Keys) + ";" + string.Join(',', desired.SecretAnnotations.Keys)
        + (desired.SecretData.IsEmpty ? "" : ";" + string.Join(',', desired.SecretData.Keys));

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
