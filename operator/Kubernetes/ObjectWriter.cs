using System.Text.Json;

namespace MailOperator.Kubernetes;

/// <summary>
/// Writes the parts of a custom resource that an operator owns: its finalizer and its status. Each write tests the
/// UID, so that it cannot change a later object of the same name.
/// </summary>
internal sealed class ObjectWriter(KubernetesApi api)
{
    /// <summary>Adds a finalizer if it is not there yet.</summary>
    public async Task AddFinalizerAsync(
        ResourceType type, ApiObject target, string finalizer, CancellationToken cancellationToken)
    {
        IList<string>? present = target.Metadata.Finalizers;
        if (present?.Contains(finalizer) is true)
        {
            return;
        }

        await PatchAsync(type, target, subresource: null, json =>
        {
            if (present is null or { Count: 0 })
            {
                // There is no list to append to, so the version must be the one that was seen.
                Operation(json, "test", "/metadata/resourceVersion", target.Metadata.ResourceVersion);
                Operation(json, "add", "/metadata/finalizers", new[] { finalizer });
            }
            else
            {
                Operation(json, "test", "/metadata/finalizers", present); // the server would take it twice
                Operation(json, "add", "/metadata/finalizers/-", finalizer);
            }
        }, api.JsonPatchForMetadataAsync, cancellationToken);
    }

    /// <summary>
    /// Adds a finalizer that is not there yet, and sets or, with null, removes an annotation in the same write. Returns
    /// the object after it.
    /// </summary>
    /// <exception cref="ApiException">A conflict: the object was written meanwhile.</exception>
    public async Task<T> AddFinalizerAsync<T>(
        ResourceType type, T target, string finalizer, (string Name, string? Value) annotation,
        CancellationToken cancellationToken)
        where T : ApiObject, new()
    {
        // A merge patch, because the map of annotations may be missing. It names the version that was seen.
        byte[] patch = ApiJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("metadata");
            json.WriteString("uid", target.Metadata.Uid);
            json.WriteString("resourceVersion", target.Metadata.ResourceVersion);
            json.WriteStartArray("finalizers");
            foreach (string each in (target.Metadata.Finalizers ?? []).Append(finalizer))
            {
                json.WriteStringValue(each);
            }

            json.WriteEndArray();
            json.WriteStartObject("annotations");
            json.WriteString(annotation.Name, annotation.Value);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        });
        using var document = JsonDocument.Parse(
            await api.MergePatchAsync(type, target.Key, patch, cancellationToken));
        T value = ObjectDecoder.Decode<T>(document.RootElement);
        value.Metadata = ObjectDecoder.Metadata(document.RootElement, hasLabels: false, out string? problem)
            ?? throw new InvalidOperationException($"The API server answered with an object, but {problem}.");
        return value;
    }

    /// <summary>Removes a finalizer by its index, if it is still at that index.</summary>
    public async Task RemoveFinalizerAsync(
        ResourceType type, ApiObject target, string finalizer, CancellationToken cancellationToken)
    {
        int index = target.Metadata.Finalizers?.IndexOf(finalizer) ?? -1;
        if (index < 0)
        {
            return;
        }

        string path = $"/metadata/finalizers/{index}";
        try
        {
            await PatchAsync(type, target, subresource: null, json =>
            {
                Operation(json, "test", path, finalizer);
                json.WriteStartObject();
                json.WriteString("op", "remove");
                json.WriteString("path", path);
                json.WriteEndObject();
            }, api.JsonPatchForMetadataAsync, cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // The object is gone.
        }
    }

    /// <summary>
    /// Writes an annotation if the object is still at the version that was seen. Returns its new version.
    /// </summary>
    /// <exception cref="ApiException">A conflict: the object was written meanwhile.</exception>
    public async Task<string?> AnnotateIfUnchangedAsync(
        ResourceType type, ApiObject target, string name, string value, CancellationToken cancellationToken) =>
        VersionOf(await api.MergePatchAsync(
            type,
            target.Key,
            ApiJson.Write(json =>
            {
                json.WriteStartObject();
                json.WriteStartObject("metadata");
                json.WriteString("uid", target.Metadata.Uid);
                json.WriteString("resourceVersion", target.Metadata.ResourceVersion);
                json.WriteStartObject("annotations");
                json.WriteString(name, value);
                json.WriteEndObject();
                json.WriteEndObject();
                json.WriteEndObject();
            }),
            cancellationToken));

    /// <summary>Fails if the object is no longer at the version that was seen. Changes nothing.</summary>
    /// <exception cref="ApiException">A conflict: the object was written meanwhile.</exception>
    public Task ThrowIfChangedAsync(ResourceType type, ApiObject target, CancellationToken cancellationToken) =>
        PatchStatusAsync(
            type, target, [("test", "/metadata/resourceVersion", target.Metadata.ResourceVersion)], cancellationToken);

    /// <summary>Replaces the whole status.</summary>
    /// <param name="type">The kind.</param>
    /// <param name="target">The object as it was seen.</param>
    /// <param name="status">The status as JSON.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    public async Task WriteStatusAsync(
        ResourceType type, ApiObject target, byte[] status, CancellationToken cancellationToken)
    {
        try
        {
            await PatchAsync(
                type, target, "status", json =>
                {
                    json.WriteStartObject();
                    json.WriteString("op", "add");
                    json.WriteString("path", "/status");
                    json.WritePropertyName("value");
                    json.WriteRawValue(status, skipInputValidation: true);
                    json.WriteEndObject();
                },
                api.JsonPatchForMetadataAsync,
                cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // The object was deleted meanwhile.
        }
    }

    /// <summary>
    /// Replaces the whole status if the object is still at the version that was seen. Returns its new version; null if
    /// it is gone.
    /// </summary>
    /// <exception cref="ApiException">A conflict: the object was written meanwhile.</exception>
    public async Task<string?> WriteStatusIfUnchangedAsync<TStatus>(
        ResourceType type, ApiObject target, TStatus status, CancellationToken cancellationToken)
    {
        try
        {
            return VersionOf(await PatchAsync(type, target, "status", json =>
            {
                Operation(json, "test", "/metadata/resourceVersion", target.Metadata.ResourceVersion);
                Operation(json, "add", "/status", status);
            }, api.JsonPatchForMetadataAsync, cancellationToken));
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null; // deleted meanwhile
        }
    }

    /// <summary>Changes single members of the status. Returns the object after the change.</summary>
    /// <exception cref="ApiException">A conflict: an operation "test" does not hold.</exception>
    public Task<byte[]> PatchStatusAsync(
        ResourceType type,
        ApiObject target,
        IReadOnlyList<(string Op, string Path, object? Value)> operations,
        CancellationToken cancellationToken) =>
        PatchAsync(type, target, "status", json =>
        {
            foreach ((string op, string path, object? value) in operations)
            {
                Operation(json, op, path, value);
            }
        }, api.JsonPatchAsync, cancellationToken);

    private static string? VersionOf(byte[] written)
    {
        using var document = JsonDocument.Parse(written);
        return document.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString();
    }

    private static async Task<byte[]> PatchAsync(
        ResourceType type,
        ApiObject target,
        string? subresource,
        Action<Utf8JsonWriter> operations,
        Func<ResourceType, ObjectKey, string?, byte[], CancellationToken, Task<byte[]>> patchAsync,
        CancellationToken cancellationToken)
    {
        byte[] patch = ApiJson.Write(json =>
        {
            json.WriteStartArray();
            Operation(json, "test", "/metadata/uid", target.Metadata.Uid);
            operations(json);
            json.WriteEndArray();
        });
        try
        {
            return await patchAsync(type, target.Key, subresource, patch, cancellationToken);
        }
        catch (ApiException e) when (e.IsFailedPatch)
        {
            // A "test" did not hold: the object is no longer the one that was seen.
            throw new ApiException(System.Net.HttpStatusCode.Conflict, "Conflict", e.Message);
        }
    }

    private static void Operation(Utf8JsonWriter json, string op, string path, object? value)
    {
        json.WriteStartObject();
        json.WriteString("op", op);
        json.WriteString("path", path);
        json.WritePropertyName("value");
        ApiJson.Write(json, value);
        json.WriteEndObject();
    }
}
