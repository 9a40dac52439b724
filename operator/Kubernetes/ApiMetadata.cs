using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using k8s.Models;

namespace MailOperator.Kubernetes;

/// <summary>
/// Reads of an object's metadata what the operator uses. Tenants may write hundreds of kilobytes of annotations into
/// each object, and none of that may stay in memory.
/// </summary>
internal static class ApiMetadata
{
    /// <summary>Annotations of this length in all are kept, the shorter ones first.</summary>
    public const int MaxKept = 16 * 1024;

    /// <summary>
    /// Stands for all annotations that are not kept: a digest, so that a change of one of them is seen as a change.
    /// </summary>
    public const string Others = "mailoperator.io/others";

    private const string Own = "mailoperator.io/";
    private const string Flux = "reconcile.fluxcd.io/";

    /// <param name="metadata">The member <c>metadata</c> of an object; null if it is JSON's null.</param>
    /// <param name="hasLabels">Whether anything reads the labels of such an object.</param>
    /// <exception cref="JsonException">It is none.</exception>
    public static V1ObjectMeta? Read(JsonElement metadata, bool hasLabels = false)
    {
        if (metadata.ValueKind != JsonValueKind.Object)
        {
            return ApiJson.Deserialize<V1ObjectMeta>(metadata);
        }

        byte[] kept = ApiJson.Write(json =>
        {
            json.WriteStartObject();
            foreach (JsonProperty member in metadata.EnumerateObject())
            {
                if (member.NameEquals("annotations"u8) && member.Value.ValueKind == JsonValueKind.Object)
                {
                    WriteAnnotations(json, member.Value);
                }
                else if (!member.NameEquals("managedFields"u8) && (hasLabels || !member.NameEquals("labels"u8)))
                {
                    member.WriteTo(json);
                }
            }

            json.WriteEndObject();
        });
        return JsonSerializer.Deserialize<V1ObjectMeta>(kept, ApiJson.Options);
    }

    /// <summary>The object without its metadata.</summary>
    public static byte[] Rest(JsonElement value) => ApiJson.Write(json =>
    {
        json.WriteStartObject();
        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (!member.NameEquals("metadata"u8))
            {
                member.WriteTo(json);
            }
        }

        json.WriteEndObject();
    });

    private static void WriteAnnotations(Utf8JsonWriter json, JsonElement annotations)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        bool hasOthers = false;
        int left = MaxKept;
        json.WriteStartObject("annotations");
        foreach (JsonProperty annotation in annotations.EnumerateObject().OrderBy(Length))
        {
            // What kubectl repeats of the spec is no news, and changes with each apply.
            if (annotation.NameEquals("kubectl.kubernetes.io/last-applied-configuration"u8))
            {
                continue;
            }

            left -= IsUsed(annotation.Name) ? Length(annotation) : 0;
            if (IsUsed(annotation.Name) && left >= 0)
            {
                annotation.WriteTo(json);
                continue;
            }

            hasOthers = true;
            digest.AppendData(JsonMarshal.GetRawUtf8PropertyName(annotation));
            digest.AppendData(":"u8);
            digest.AppendData(JsonMarshal.GetRawUtf8Value(annotation.Value));
        }

        if (hasOthers)
        {
            json.WriteString(Others, Convert.ToHexStringLower(digest.GetHashAndReset()));
        }

        json.WriteEndObject();
    }

    private static int Length(JsonProperty annotation) =>
        JsonMarshal.GetRawUtf8PropertyName(annotation).Length + JsonMarshal.GetRawUtf8Value(annotation.Value).Length;

    private static bool IsUsed(string name) =>
        name != Others
        && (name.StartsWith(Own, StringComparison.Ordinal) || name.StartsWith(Flux, StringComparison.Ordinal));
}
