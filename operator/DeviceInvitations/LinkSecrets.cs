using System.Net;
using System.Text;
using System.Text.Json;
using MailOperator.Api;
using MailOperator.Integrity;
using MailOperator.Kubernetes;

namespace MailOperator.DeviceInvitations;

/// <summary>
/// Reads and writes the Secrets with the links. A keyed digest proves that the operator made a token. So whoever may
/// write the Secret cannot have a token of their own accepted.
/// </summary>
internal sealed class LinkSecrets(KubernetesApi api, CredentialDigestSource digests, InvitationOptions options)
{
    public const string UrlKey = "url";
    public const string ExpiresKey = "expires";

    /// <summary>Reads the link's Secret live.</summary>
    public async Task<LinkState> ObserveAsync(DeviceInvitation invitation, CancellationToken cancellationToken)
    {
        using SecretReading? reading = await ReadAsync(invitation, cancellationToken);
        return reading is null ? new LinkState.Absent() : Judge(invitation, reading);
    }

    /// <summary>Creates the Secret with a new token.</summary>
    /// <exception cref="ApiException">A conflict: the Secret exists.</exception>
    public async Task<LinkState> CreateAsync(DeviceInvitation invitation, CancellationToken cancellationToken)
    {
        string token = LinkUrl.NewToken();
        byte[] body = ApiJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("apiVersion", "v1");
            json.WriteString("kind", "Secret");
            json.WriteString("type", "Opaque");
            json.WriteStartObject("metadata");
            json.WriteString("name", InvitedDevice.LinkSecretOf(invitation));
            Owner.Write(json, ApiGroup.DeviceInvitations, invitation);
            WriteMetadata(json, invitation, token);
            json.WriteEndObject();
            WriteData(json, invitation, token);
            json.WriteEndObject();
        });
        byte[] created = await api.CreateAsync(
            ResourceType.Secrets, invitation.Metadata.NamespaceProperty, body, cancellationToken);
        using SecretReading written = SecretReading.Parse(created);
        return Judge(invitation, written);
    }

    /// <summary>Keeps the token and corrects everything else.</summary>
    /// <exception cref="ApiException">A conflict: the Secret has changed since it was read.</exception>
    public async Task<LinkState> RepairAsync(
        DeviceInvitation invitation, LinkState.Owned link, CancellationToken cancellationToken)
    {
        string token = await TokenAsync(invitation, link, cancellationToken);
        return await WriteOverAsync(invitation, link, token, cancellationToken);
    }

    /// <summary>Writes a new token.</summary>
    /// <exception cref="ApiException">A conflict: the Secret has changed since it was read.</exception>
    public Task<LinkState> ReplaceAsync(
        DeviceInvitation invitation, LinkState.Owned link, CancellationToken cancellationToken) =>
        WriteOverAsync(invitation, link, LinkUrl.NewToken(), cancellationToken);

    private async Task<LinkState> WriteOverAsync(
        DeviceInvitation invitation, LinkState.Owned link, string token, CancellationToken cancellationToken)
    {
        byte[] body = ApiJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("metadata");
            json.WriteString("uid", link.Uid);
            json.WriteString("resourceVersion", link.ResourceVersion);
            WriteMetadata(json, invitation, token);
            json.WriteEndObject();
            WriteData(json, invitation, token);
            json.WriteEndObject();
        });
        var key = new ObjectKey(invitation.Metadata.NamespaceProperty, link.Name);
        using SecretReading written = SecretReading.Parse(
            await api.MergePatchAsync(ResourceType.Secrets, key, body, cancellationToken));
        return Judge(invitation, written);
    }

    /// <summary>The link itself, to be mailed.</summary>
    /// <exception cref="ApiException">A conflict: the token has changed since it was read.</exception>
    public async Task<Uri> LinkAsync(
        DeviceInvitation invitation, LinkState.Owned link, CancellationToken cancellationToken) =>
        new(LinkUrl.Of(options.Portal!, await TokenAsync(invitation, link, cancellationToken)));

    public Task DeleteAsync(
        DeviceInvitation invitation, LinkState.Owned link, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(invitation.Metadata.NamespaceProperty, link.Name);
        return api.DeleteAsync(ResourceType.Secrets, key, link.Uid, cancellationToken);
    }

    private async Task<SecretReading?> ReadAsync(DeviceInvitation invitation, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(invitation.Metadata.NamespaceProperty, InvitedDevice.LinkSecretOf(invitation));
        return await api.FindAsync(ResourceType.Secrets, key, cancellationToken) is { } found
            ? SecretReading.Parse(found)
            : null;
    }

    private async Task<string> TokenAsync(
        DeviceInvitation invitation, LinkState.Owned link, CancellationToken cancellationToken)
    {
        using SecretReading? reading = await ReadAsync(invitation, cancellationToken);
        return reading?.Metadata.Uid == link.Uid
            && TokenOf(reading) is { } token
            && LinkUrl.HashOf(token) == link.TokenHash
                ? token
                : throw new ApiException(
                    HttpStatusCode.Conflict, "Conflict", $"Secret {link.Name} has changed since it was read.");
    }

    private LinkState Judge(DeviceInvitation invitation, SecretReading reading)
    {
        if (reading.ForeignOwner(invitation.Metadata.Uid) is { } owner)
        {
            return new LinkState.Foreign(owner);
        }

        string? token = TokenOf(reading);
        string hash = token is null ? "" : LinkUrl.HashOf(token);
        bool isDigestRight =
            CredentialDigest.AreEqual(reading.Annotation(Annotations.Digest), Digest(invitation, hash));
        return new LinkState.Owned
        {
            Name = reading.Metadata.Name,
            Uid = reading.Metadata.Uid,
            ResourceVersion = reading.Metadata.ResourceVersion,
            TokenHash = hash,
            // Tenants cannot write the status, so the hash in it is proof as well.
            IsGenuine = token is not null && (isDigestRight || hash == invitation.Status?.TokenHash),
            MatchesDesired = isDigestRight && token is not null && MatchesSpec(invitation, reading, token),
            IsDeleting = reading.Metadata.DeletionTimestamp is not null,
        };
    }

    private bool MatchesSpec(DeviceInvitation invitation, SecretReading reading, string token) =>
        (options.Portal is not { } portal || Text(reading, UrlKey) == LinkUrl.Of(portal, token))
        && Text(reading, ExpiresKey) == Rfc3339.Format(InvitedDevice.EndOf(invitation))
        && reading.Metadata.Labels is { } labels
        && labels.TryGetValue(Annotations.ManagedByLabel, out string? manager)
        && manager == Annotations.ManagedByValue;

    private string Digest(DeviceInvitation invitation, string tokenHash) =>
        digests.Current.OfLink(invitation.Metadata.Uid, tokenHash);

    private void WriteMetadata(Utf8JsonWriter json, DeviceInvitation invitation, string token)
    {
        json.WriteStartObject("labels");
        json.WriteString(Annotations.ManagedByLabel, Annotations.ManagedByValue);
        json.WriteEndObject();
        json.WriteStartObject("annotations");
        json.WriteString(Annotations.Digest, Digest(invitation, LinkUrl.HashOf(token)));
        json.WriteEndObject();
    }

    private void WriteData(Utf8JsonWriter json, DeviceInvitation invitation, string token)
    {
        json.WriteStartObject("data");
        json.WriteBase64String(UrlKey, Encoding.ASCII.GetBytes(LinkUrl.Of(options.Portal!, token)));
        json.WriteBase64String(
            ExpiresKey, Encoding.ASCII.GetBytes(Rfc3339.Format(InvitedDevice.EndOf(invitation))));
        json.WriteEndObject();
    }

    private static string? TokenOf(SecretReading reading) =>
        Text(reading, UrlKey) is { } url ? LinkUrl.TokenIn(url) : null;

    private static string? Text(SecretReading reading, string key) =>
        reading.Find(key) is { } value ? Encoding.UTF8.GetString(value) : null;
}
