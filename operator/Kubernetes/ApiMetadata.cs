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

    /// <summary>What the operator uses of the metadata; null if it is JSON's null.</summary>
    /// <param name="metadata">The member <c>metadata</c> of an object.</param>
    /// <param name="hasLabels">Whether anything reads the labels of such an object.</param>
    /// <exception cref="JsonException">It is none.</exception>
    public static V1ObjectMeta? Read(JsonElement metadata, bool hasLabels = false) =>
        Read(metadata, hasLabels, UsedAnnotations);

    /// <summary>The same with all labels and annotations.</summary>
    /// <inheritdoc cref="Read(JsonElement, bool)"/>
    public static V1ObjectMeta? ReadAll(JsonElement metadata) => Read(metadata, hasLabels: true, Texts);

    // By hand: a watch brings each object several times, and little of its metadata is used.
    private static V1ObjectMeta? Read(
        JsonElement metadata, bool hasLabels, Func<JsonElement, Dictionary<string, string>> annotations)
    {
        if (metadata.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        var read = new V1ObjectMeta();
        foreach (JsonProperty member in Members(metadata))
        {
            JsonElement value = member.Value;
            switch (member.Name)
            {
                case "name":
                    read.Name = Text(value);
                    break;
                case "namespace":
                    read.NamespaceProperty = Text(value);
                    break;
                case "uid":
                    read.Uid = Text(value);
                    break;
                case "resourceVersion":
                    read.ResourceVersion = Text(value);
                    break;
                case "generation":
                    read.Generation = Optional<long>(value, static number => number.GetInt64());
                    break;
                case "creationTimestamp":
                    read.CreationTimestamp = Optional(value, Time);
                    break;
                case "deletionTimestamp":
                    read.DeletionTimestamp = Optional(value, Time);
                    break;
                case "finalizers":
                    read.Finalizers = List(value, static name => Known(name.GetString()!));
                    break;
                case "ownerReferences":
                    read.OwnerReferences = List(value, OwnerIn);
                    break;
                case "annotations":
                    read.Annotations = value.ValueKind == JsonValueKind.Null ? null : annotations(value);
                    break;
                case "labels" when hasLabels:
                    read.Labels = value.ValueKind == JsonValueKind.Null ? null : Texts(value);
                    break;
                default:
                    break;
            }
        }

        return read;
    }

    private static Dictionary<string, string> UsedAnnotations(JsonElement annotations)
    {
        var used = new Dictionary<string, string>(StringComparer.Ordinal);
        IncrementalHash? others = null;
        int left = MaxKept;
        foreach (JsonProperty annotation in Members(annotations).OrderBy(Length))
        {
            // What kubectl repeats of the spec is no news, and changes with each apply.
            if (annotation.NameEquals("kubectl.kubernetes.io/last-applied-configuration"u8))
            {
                continue;
            }

            left -= IsUsed(annotation.Name) ? Length(annotation) : 0;
            if (IsUsed(annotation.Name) && left >= 0)
            {
                used[Known(annotation.Name)] = Text(annotation.Value)!;
                continue;
            }

            others ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            others.AppendData(JsonMarshal.GetRawUtf8PropertyName(annotation));
            others.AppendData(":"u8);
            others.AppendData(JsonMarshal.GetRawUtf8Value(annotation.Value));
        }

        if (others is not null)
        {
            used[Others] = Convert.ToHexStringLower(others.GetHashAndReset());
            others.Dispose();
        }

        return used;
    }

    private static Dictionary<string, string> Texts(JsonElement map)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (JsonProperty entry in Members(map))
        {
            texts[Known(entry.Name)] = Text(entry.Value)!;
        }

        return texts;
    }

    private static V1OwnerReference OwnerIn(JsonElement owner)
    {
        var read = new V1OwnerReference();
        foreach (JsonProperty member in Members(owner))
        {
            switch (member.Name)
            {
                case "apiVersion":
                    read.ApiVersion = Text(member.Value) is { } version ? Known(version) : null;
                    break;
                case "kind":
                    read.Kind = Text(member.Value) is { } kind ? Known(kind) : null;
                    break;
                case "name":
                    read.Name = Text(member.Value);
                    break;
                case "uid":
                    read.Uid = Text(member.Value);
                    break;
                case "controller":
                    read.Controller = Optional(member.Value, static flag => flag.GetBoolean());
                    break;
                default:
                    break;
            }
        }

        return read;
    }

    private static JsonElement.ObjectEnumerator Members(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : throw Unlike();

    private static List<T>? List<T>(JsonElement list, Func<JsonElement, T> item) => list.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Array => [.. list.EnumerateArray().Select(item)],
        _ => throw Unlike(),
    };

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => throw Unlike(),
    };

    private static T? Optional<T>(JsonElement value, Func<JsonElement, T> read)
        where T : struct
    {
        try
        {
            return value.ValueKind == JsonValueKind.Null ? null : read(value);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            throw Unlike();
        }
    }

    private static DateTime Time(JsonElement value) => value.GetDateTimeOffset().UtcDateTime;

    // Ten thousand objects share the names that the program knows.
    private static string Known(string name) => string.IsInterned(name) ?? name;

    private static JsonException Unlike() => new("The metadata is not that of an object.");

    private static int Length(JsonProperty annotation) =>
        JsonMarshal.GetRawUtf8PropertyName(annotation).Length + JsonMarshal.GetRawUtf8Value(annotation.Value).Length;

    private static bool IsUsed(string name) =>
        name != Others
        && (name.StartsWith(Own, StringComparison.Ordinal) || name.StartsWith(Flux, StringComparison.Ordinal));
}
