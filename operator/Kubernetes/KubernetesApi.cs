using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace MailOperator.Kubernetes;

/// <summary>
/// The verbs of the Kubernetes API over the connection, credentials and TLS of KubernetesClient. Its own methods put
/// the whole request into their exceptions, drop unknown fields on a round trip, and cannot request metadata alone.
/// </summary>
internal sealed class KubernetesApi(k8s.Kubernetes client, TimeProvider clock)
{
    /// <summary>Deadline of every request except a watch.</summary>
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    private const int MaxThrottleRetries = 5;
    private static readonly TimeSpan MaxThrottle = TimeSpan.FromSeconds(10);

    private static readonly MediaTypeWithQualityHeaderValue PlainJson = new("application/json");

    private static readonly MediaTypeWithQualityHeaderValue MetadataList =
        MediaTypeWithQualityHeaderValue.Parse("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");

    private static readonly MediaTypeWithQualityHeaderValue Metadata =
        MediaTypeWithQualityHeaderValue.Parse("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");

    /// <summary>Reads one object as bytes that the caller may wipe. Null if there is none.</summary>
    public async Task<byte[]?> FindAsync(ResourceType type, ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(HttpMethod.Get, type, type.ObjectPath(key), null, null, cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    public Task<byte[]> CreateAsync(
        ResourceType type, string @namespace, byte[] body, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post, type, type.CollectionPath(@namespace) + FieldManager, body, "application/json",
            cancellationToken);

    public Task<byte[]> ReplaceAsync(
        ResourceType type, ObjectKey key, byte[] body, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Put, type, type.ObjectPath(key) + FieldManager, body, "application/json", cancellationToken);

    /// <summary>A merge patch (RFC 7386); with a resourceVersion in its metadata it is a compare-and-swap.</summary>
    public Task<byte[]> MergePatchAsync(
        ResourceType type, ObjectKey key, byte[] patch, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Patch, type, type.ObjectPath(key) + FieldManager, patch, "application/merge-patch+json",
            cancellationToken);

    /// <summary>
    /// Asks whether a creation would be accepted now: rights, quotas and policies are checked, and nothing is written.
    /// </summary>
    /// <exception cref="ApiException">It would be refused.</exception>
    public Task<byte[]> TryCreateAsync(
        ResourceType type, string @namespace, byte[] body, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post, type, type.CollectionPath(@namespace) + FieldManager + DryRun, body, "application/json",
            cancellationToken);

    /// <summary>The same as <see cref="TryCreateAsync"/> for a merge patch.</summary>
    public Task<byte[]> TryMergePatchAsync(
        ResourceType type, ObjectKey key, byte[] patch, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Patch, type, type.ObjectPath(key) + FieldManager + DryRun, patch,
            "application/merge-patch+json", cancellationToken);

    /// <summary>A JSON patch (RFC 6902) of the object or of a subresource such as "status".</summary>
    public Task<byte[]> JsonPatchAsync(
        ResourceType type, ObjectKey key, string? subresource, byte[] patch, CancellationToken cancellationToken) =>
        JsonPatchAsync(type, key, subresource, patch, PlainJson, cancellationToken);

    /// <summary>The same; the server sends back the metadata of the object only.</summary>
    /// <inheritdoc cref="JsonPatchAsync(ResourceType, ObjectKey, string?, byte[], CancellationToken)"/>
    public Task<byte[]> JsonPatchForMetadataAsync(
        ResourceType type, ObjectKey key, string? subresource, byte[] patch, CancellationToken cancellationToken) =>
        JsonPatchAsync(type, key, subresource, patch, Metadata, cancellationToken);

    /// <summary>Deletes the object with this UID. It is a success if that object is gone already.</summary>
    public async Task DeleteAsync(ResourceType type, ObjectKey key, string uid, CancellationToken cancellationToken)
    {
        byte[] options = ApiJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("apiVersion", "v1");
            json.WriteString("kind", "DeleteOptions");
            json.WriteStartObject("preconditions");
            json.WriteString("uid", uid);
            json.WriteEndObject();
            json.WriteEndObject();
        });
        try
        {
            await SendAsync(
                HttpMethod.Delete, type, type.ObjectPath(key), options, "application/json", cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // A conflict is the precondition: the name belongs to another object by now.
        }
    }

    /// <summary>One page of a collection, by a consistent read that no stale cache answers.</summary>
    public async Task<JsonDocument> ListPageAsync(
        ResourceType type, Selection selection, int limit, string? continueToken, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = ListRequest(type, selection, limit, continueToken);
        using CancellationTokenSource deadline = Deadline(cancellationToken);
        using HttpResponseMessage response = await SendCheckedAsync(type, request, deadline.Token);
        await using Stream body = await response.Content.ReadAsStreamAsync(deadline.Token);
        return await JsonDocument.ParseAsync(body, default, deadline.Token);
    }

    /// <summary>The same, object by object: the elements live until the next one.</summary>
    /// <param name="type">The kind.</param>
    /// <param name="selection">Which objects.</param>
    /// <param name="limit">The number of objects in a page.</param>
    /// <param name="continueToken">Where the page begins; null for the first.</param>
    /// <param name="each">Takes one object.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="JsonException">The answer is not a list; some of its objects may have been taken.</exception>
    public async Task<ListPosition> ReadPageAsync(
        ResourceType type,
        Selection selection,
        int limit,
        string? continueToken,
        Action<JsonElement> each,
        CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = ListRequest(type, selection, limit, continueToken);
        using CancellationTokenSource deadline = Deadline(cancellationToken);
        using HttpResponseMessage response = await SendCheckedAsync(type, request, deadline.Token);
        await using Stream body = await response.Content.ReadAsStreamAsync(deadline.Token);
        return await new ListReader(each).ReadAsync(body, deadline.Token);
    }

    /// <summary>
    /// Events from a resourceVersion on, until the server ends the watch. The caller guards against silence.
    /// </summary>
    /// <exception cref="JsonException">A line is no event; an event may have been lost with it.</exception>
    public async IAsyncEnumerable<WatchEvent> WatchAsync(
        ResourceType type,
        Selection selection,
        string resourceVersion,
        TimeSpan timeout,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string query = $"?watch=1&allowWatchBookmarks=true&timeoutSeconds={(int)timeout.TotalSeconds}"
            + "&resourceVersion=" + Uri.EscapeDataString(resourceVersion) + selection.Query;
        using HttpRequestMessage request =
            Request(HttpMethod.Get, type, type.CollectionPath(selection.Namespace) + query);
        request.Headers.Accept.Add(selection.MetadataOnly ? Metadata : PlainJson);
        using HttpResponseMessage response = await SendCheckedAsync(type, request, cancellationToken);
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (JsonElement line in JsonLines.ReadAsync(body, cancellationToken))
        {
            yield return Event(line);
        }
    }

    private const string FieldManager = "?fieldManager=mail-operator";
    private const string DryRun = "&dryRun=All";

    private Task<byte[]> JsonPatchAsync(
        ResourceType type,
        ObjectKey key,
        string? subresource,
        byte[] patch,
        MediaTypeWithQualityHeaderValue accept,
        CancellationToken cancellationToken)
    {
        string path = subresource is null ? type.ObjectPath(key) : $"{type.ObjectPath(key)}/{subresource}";
        return SendAsync(
            HttpMethod.Patch, type, path + FieldManager, patch, "application/json-patch+json", cancellationToken,
            accept);
    }

    private async Task<byte[]> SendAsync(
        HttpMethod method,
        ResourceType type,
        string path,
        byte[]? body,
        string? contentType,
        CancellationToken cancellationToken,
        MediaTypeWithQualityHeaderValue? accept = null)
    {
        using CancellationTokenSource deadline = Deadline(cancellationToken);
        for (int attempt = 0; ; attempt++)
        {
            using HttpRequestMessage request = Request(method, type, path);
            request.Headers.Accept.Add(accept ?? PlainJson);
            if (body is not null)
            {
                request.Content = new ByteArrayContent(body);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType!);
            }

            try
            {
                using HttpResponseMessage response = await SendCheckedAsync(type, request, deadline.Token);
                return await response.Content.ReadAsByteArrayAsync(deadline.Token);
            }
            catch (ApiException e) when (IsThrottled(e) && attempt < MaxThrottleRetries)
            {
                await Task.Delay(e.RetryAfter!.Value, clock, deadline.Token);
            }
        }
    }

    private static WatchEvent Event(JsonElement line) =>
        line.ValueKind == JsonValueKind.Object
        && line.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String
        && line.TryGetProperty("object", out JsonElement value) && value.ValueKind == JsonValueKind.Object
            ? new WatchEvent(type.GetString()!, value)
            : throw new JsonException("A line of the watch is not an event.");

    private static bool IsThrottled(ApiException e) =>
        e.StatusCode == HttpStatusCode.TooManyRequests && e.RetryAfter is { } wait && wait <= MaxThrottle;

    private static CancellationTokenSource Deadline(CancellationToken cancellationToken)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        source.CancelAfter(RequestTimeout);
        return source;
    }

    private HttpRequestMessage ListRequest(ResourceType type, Selection selection, int limit, string? continueToken)
    {
        string query = $"?limit={limit}" + selection.Query;
        if (continueToken is not null)
        {
            query += "&continue=" + Uri.EscapeDataString(continueToken);
        }

        HttpRequestMessage request = Request(HttpMethod.Get, type, type.CollectionPath(selection.Namespace) + query);
        request.Headers.Accept.Add(selection.MetadataOnly ? MetadataList : PlainJson);
        return request;
    }

    /// <summary>
    /// HTTP/2, where TLS agrees on it: all calls and watches are streams of one connection. The lease has a connection
    /// of its own with HTTP/1.1, so that it can be renewed while that one is stalled.
    /// </summary>
    private HttpRequestMessage Request(HttpMethod method, ResourceType type, string path) =>
        new(method, new Uri(client.BaseUri, path))
        {
            Version = type == ResourceType.Leases ? HttpVersion.Version11 : HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };

    private async Task<HttpResponseMessage> SendCheckedAsync(
        ResourceType type, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("mail-operator", ProductVersion.Value));
        if (client.Credentials is { } credentials)
        {
            await credentials.ProcessHttpRequestAsync(request, cancellationToken);
        }

        HttpResponseMessage response = await client.HttpClient.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            string text = await response.Content.ReadAsStringAsync(cancellationToken);
            throw ApiStatus.Refusal(type, request.Method, response, text);
        }
    }
}

/// <summary>Which objects of a kind: one namespace or all (null), by label, and whether only their metadata.</summary>
internal sealed record Selection(string? Namespace = null, string? LabelSelector = null, bool MetadataOnly = false)
{
    public static readonly Selection Everything = new();

    public string Query => LabelSelector is null ? "" : "&labelSelector=" + Uri.EscapeDataString(LabelSelector);
}

/// <summary>
/// One line of a watch: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR. The object lives until the next event.
/// </summary>
internal readonly record struct WatchEvent(string Type, JsonElement Object);
