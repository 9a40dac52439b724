using System.Text.Json;

namespace MailOperator.Kubernetes;

/// <summary>
/// Writes the parts of a custom resource that an operator owns: its finalizer and its status. Each write names the
/// UID that it is meant for, so that an object of the same name made since is left alone.
/// </summary>
internal sealed class ObjectWriter(KubernetesApi api)
{
    /// <summary>Adds a finalizer; one that is there already is left.</summary>
    public Task AddFinalizerAsync(ResourceType type, ApiObject target, string finalizer, CancellationToken cancellationToken)
    {
        IList<string>? present = target.Metadata.Finalizers;
        if (present?.Contains(finalizer) is true)
        {
            return Task.CompletedTask;
        }

        return PatchAsync(type, target, subresource: null, json =>
        {
            if (present is null or { Count: 0 })
            {
                // Nothing is there to append to, so nobody may have written in between.
                Operation(json, "test", "/metadata/resourceVersion", target.Metadata.ResourceVersion);
                Operation(json, "add", "/metadata/finalizers", new[] { finalizer });
            }
            else
            {
                Operation(json, "test", "/metadata/finalizers", present); // or it may be there twice: the server does not mind
                Operation(json, "add", "/metadata/finalizers/-", finalizer);
            }
        }, cancellationToken);
    }

    /// <summary>Removes a finalizer by its place in the list, if it is still at that place.</summary>
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
            }, cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Gone: nothing holds it any more.
        }
    }

    /// <summary>Puts a whole status in place of the one that is there.</summary>
    public async Task WriteStatusAsync<TStatus>(
        ResourceType type, ApiObject target, TStatus status, CancellationToken cancellationToken)
    {
        try
        {
            await PatchAsync(type, target, "status", json => Operation(json, "add", "/status", status), cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Deleted meanwhile: nobody is left to tell.
        }
    }

    /// <summary>The same, but only if nobody has written the object since it was seen. Returns its version; null if it is gone.</summary>
    /// <exception cref="ApiException">A conflict: somebody has.</exception>
    public async Task<string?> WriteStatusIfUnchangedAsync<TStatus>(
        ResourceType type, ApiObject target, TStatus status, CancellationToken cancellationToken)
    {
        try
        {
            byte[] written = await PatchAsync(type, target, "status", json =>
            {
                Operation(json, "test", "/metadata/resourceVersion", target.Metadata.ResourceVersion);
                Operation(json, "add", "/status", status);
            }, cancellationToken);
            using var document = JsonDocument.Parse(written);
            return document.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString();
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null; // deleted meanwhile: nobody is left to tell
        }
    }

    /// <summary>Changes single members of the status of this very object, by UID. Returns the object as it is then.</summary>
    /// <exception cref="ApiException">A conflict: an operation "test" does not hold.</exception>
    public Task<byte[]> PatchStatusAsync(
        ResourceType type, ApiObject target, IReadOnlyList<(string Op, string Path, object? Value)> operations, CancellationToken cancellationToken) =>
        PatchAsync(type, target, "status", json =>
        {
            foreach ((string op, string path, object? value) in operations)
            {
                Operation(json, op, path, value);
            }
        }, cancellationToken);

    private async Task<byte[]> PatchAsync(
        ResourceType type, ApiObject target, string? subresource, Action<Utf8JsonWriter> operations, CancellationToken cancellationToken)
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
            return await api.JsonPatchAsync(type, target.Key, subresource, patch, cancellationToken);
        }
        catch (ApiException e) when (e.IsFailedPatch)
        {
            // A "test" that does not hold: the object is not the one that was seen.
            throw new ApiException(System.Net.HttpStatusCode.Conflict, "Conflict", e.Message);
        }
    }

    private static void Operation<TValue>(Utf8JsonWriter json, string op, string path, TValue value)
    {
        json.WriteStartObject();
        json.WriteString("op", op);
        json.WriteString("path", path);
        json.WritePropertyName("value");
        JsonSerializer.Serialize(json, value, ApiJson.Options);
        json.WriteEndObject();
    }
}
