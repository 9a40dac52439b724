using System.Text.Json;
using CsCheck;
using k8s.Models;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.UnitTests.Fuzzing;

/// <summary>
/// Bytes of an API server: an object, perhaps with fields that are named as unreadable in words for people, or no JSON.
/// </summary>
[Trait(Fuzz.Trait, Fuzz.Kind)]
public sealed class DecoderFuzzTests
{
    private const string Target = "decoder";
    private const int MaxProblem = 16_384; // a condition's message may have 32768

    private static readonly Gen<byte[]> Objects = JsonEdits.Of(Fuzz.Corpus(Target));

    [Fact]
    public void Objects_OfAnyBytes_AreReadOrNamed() => Fuzz.Run(Target, Objects, static bytes =>
    {
        // Mutants: only exceptions of one kind are caught, the serializer's own words, a path of JSON in the message.
        using JsonDocument? json = JsonOf(bytes);
        if (json is not null)
        {
            Check<MailDevice>(json.RootElement, static one => one.Spec.Suspended == true);
            Check<MailBackend>(json.RootElement, static _ => true);
            Check<MailUser>(json.RootElement, static one => one.Spec.Suspended == true);
            Check<DeviceInvitation>(json.RootElement, static _ => true);
        }
    });

    [Fact]
    public void Metadata_OfAnyBytes_IsReadOrTheObjectIsLeftOut() => Fuzz.Run(Target, Objects, static bytes =>
    {
        // Mutant: an exception that ends the watch of all objects.
        using JsonDocument? json = JsonOf(bytes);
        if (json is not null && ObjectDecoder.Metadata(json.RootElement, hasLabels: true, out string? problem) is null)
        {
            MachineWords.AssertNoneIn(problem);
        }
    });

    [Fact]
    public void Refusals_OfAnyBytes_AreAnApiException() => Fuzz.Run(Target, Objects, static bytes =>
    {
        // Mutants: a member of another type throws, the message has no end.
        using JsonDocument? json = JsonOf(bytes);
        if (json is not null)
        {
            Assert.InRange(ApiStatus.FromEvent(ResourceType.Secrets, json.RootElement).Message.Length, 1, 2_048);
        }

        using var response = new HttpResponseMessage(System.Net.HttpStatusCode.UnprocessableEntity);
        ApiException refusal = ApiStatus.Refusal(
            ResourceType.Secrets, HttpMethod.Put, response, System.Text.Encoding.UTF8.GetString(bytes));
        Assert.InRange(refusal.Message.Length, 1, 2_048);
    });

    private static void Check<T>(JsonElement json, Func<T, bool> isSuspended)
        where T : ApiObject, new()
    {
        T read = ObjectDecoder.Decode<T>(json);

        read.Metadata = new V1ObjectMeta(); // nothing writes what was read of it
        ApiJson.Serialize(read);
        Assert.Equal(read.DecodeError is null, read.Unreadable.Count == 0);
        if (read.DecodeError is { } problem)
        {
            MachineWords.AssertNoneIn(problem, read.Unreadable);
            Assert.DoesNotContain("$", read.Unreadable.Aggregate(problem, static (rest, field) =>
                field.Length > 0 ? rest.Replace(field, "", StringComparison.Ordinal) : rest));
            Assert.InRange(problem.Length, 1, MaxProblem);
        }

        // Whatever else is wrong with an object: what takes a right away is read, or the object says that it is not.
        Assert.True(
            !IsSuspended(json) || isSuspended(read) || !read.IsReadable("spec.suspended"), "a suspension is lost");
    }

    private static bool IsSuspended(JsonElement json)
    {
        try
        {
            return json.ValueKind == JsonValueKind.Object
                && json.TryGetProperty("spec", out JsonElement spec) && spec.ValueKind == JsonValueKind.Object
                && spec.TryGetProperty("suspended", out JsonElement value) && value.ValueKind == JsonValueKind.True;
        }
        catch (InvalidOperationException)
        {
            return false; // half of a surrogate pair in a name
        }
    }

    private static JsonDocument? JsonOf(byte[] bytes)
    {
        try
        {
            return JsonDocument.Parse(bytes);
        }
        catch (JsonException)
        {
            return null; // the connection is made again
        }
    }
}
