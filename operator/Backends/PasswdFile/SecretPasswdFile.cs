using System.Net;
using System.Text.Json;
using MailOperator.Kubernetes;

namespace MailOperator.Backends.PasswdFile;

/// <summary>
/// A passwd-file as one key of a Secret that the mail server's pod mounts. Written by compare-and-swap; other keys of
/// the Secret are not changed. The kubelet brings a change to the pod within about a minute.
/// </summary>
internal sealed class SecretPasswdFile(KubernetesApi api, ObjectKey secret, string dataKey) : IPasswdFileTarget
{
    public const string DefaultKey = "app-passwords";

    /// <summary>A Secret holds at most 1 MiB in all; this leaves some space for its other keys.</summary>
    public const int MaxBytes = 1_000_000;

    private const string Absent = "absent";

    public TimeSpan WriteInterval => TimeSpan.FromMilliseconds(500);

    public TimeSpan ReadFreshness => TimeSpan.FromSeconds(1);

    /// <summary>The kubelet syncs once a minute, from a cache that may lag behind.</summary>
    public TimeSpan PropagationDelay => TimeSpan.FromSeconds(90);

    // When the kubelet updates the pods cannot be known.
    public TimeSpan VisibleIn => TimeSpan.Zero;

    public async Task<(string? Text, string Version)> ReadAsync(string? known, CancellationToken cancellationToken)
    {
        byte[]? found = await CallAsync("read", () => api.FindAsync(ResourceType.Secrets, secret, cancellationToken));
        if (found is null)
        {
            return (known == Absent ? null : "", Absent);
        }

        using var document = JsonDocument.Parse(found);
        string version = document.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;
        if (version == known)
        {
            return (null, version);
        }

        string text = document.RootElement.TryGetProperty("data", out JsonElement data)
            && data.ValueKind == JsonValueKind.Object && data.TryGetProperty(dataKey, out JsonElement value)
            ? PasswdFileText.Of(value.GetBytesFromBase64())
            : "";
        return (text, version);
    }

    public async Task<string?> TryWriteAsync(string text, string version, CancellationToken cancellationToken)
    {
        byte[] bytes = PasswdFileText.BytesOf(text);
        if (bytes.Length > MaxBytes)
        {
            throw new MailBackendException(
                BackendFailure.Rejected,
                $"The passwd-file would have {bytes.Length} bytes and Secret {secret} holds at most {MaxBytes}; "
                + "split the mailboxes over several MailBackends, or use passwdFile.path.");
        }

        try
        {
            byte[] written = await CallAsync("write", () => version == Absent
                ? api.CreateAsync(ResourceType.Secrets, secret.Namespace, Body(bytes, version), cancellationToken)
                : api.MergePatchAsync(ResourceType.Secrets, secret, Body(bytes, version), cancellationToken));
            using var document = JsonDocument.Parse(written);
            return document.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString();
        }
        catch (MailBackendException e) when (e.InnerException is ApiException { IsConflict: true })
        {
            return null;
        }
    }

    public async Task CheckWritableAsync(CancellationToken cancellationToken)
    {
        bool exists = await CallAsync(
            "read", () => api.FindAsync(ResourceType.Secrets, secret, cancellationToken)) is not null;
        await CallAsync("write", () => exists
            ? api.TryMergePatchAsync(ResourceType.Secrets, secret, "{}"u8.ToArray(), cancellationToken)
            : api.TryCreateAsync(ResourceType.Secrets, secret.Namespace, Body([], Absent), cancellationToken));
    }

    private byte[] Body(byte[] bytes, string version) => ApiJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("apiVersion", "v1");
        json.WriteString("kind", "Secret");
        json.WriteStartObject("metadata");
        json.WriteString("name", secret.Name);
        json.WriteString("namespace", secret.Namespace);
        if (version != Absent)
        {
            json.WriteString("resourceVersion", version);
        }

        json.WriteEndObject();
        json.WriteStartObject("data");
        json.WriteBase64String(dataKey, bytes);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private async Task<TResult> CallAsync<TResult>(string what, Func<Task<TResult>> call)
    {
        try
        {
            return await call();
        }
        catch (ApiException e)
        {
            BackendFailure failure = e.StatusCode switch
            {
                HttpStatusCode.Forbidden when !e.IsNamespaceTerminating => BackendFailure.Unauthorized,
                HttpStatusCode.NotFound or HttpStatusCode.UnprocessableEntity => BackendFailure.Rejected,
                _ => BackendFailure.Unavailable,
            };
            throw new MailBackendException(
                failure, $"Could not {what} Secret {secret} of the passwd-file. {e.Message}", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new MailBackendException(
                BackendFailure.Unavailable, $"Could not {what} Secret {secret} of the passwd-file: {e.Message}", e);
        }
    }
}
