using System.Net;
using System.Text.Json;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.MailDevices.Credentials;

/// <summary>
/// Asks the API server whether a device still has the rotate tokens that the cache shows. With a stale cache the
/// operator would handle a token that was replaced meanwhile, and then handle the new one too.
/// </summary>
internal sealed class DeviceFreshness(KubernetesApi api)
{
    /// <exception cref="ApiException">A conflict: the device was deleted meanwhile or has other tokens.</exception>
    public async Task ThrowIfStaleAsync(MailDevice device, CancellationToken cancellationToken)
    {
        MailDevice? live = await api.FindAsync(ApiGroup.MailDevices, device.Key, cancellationToken) is { } found
            ? MetadataOf(found)
            : null;
        if (live is null || live.Metadata.Uid != device.Metadata.Uid || live.IsDeleting != device.IsDeleting
            || live.Annotation(Annotations.Rotate) != device.Annotation(Annotations.Rotate)
            || live.Annotation(Annotations.RotateAndRevoke) != device.Annotation(Annotations.RotateAndRevoke))
        {
            throw new ApiException(
                HttpStatusCode.Conflict, "Conflict", $"MailDevice {device.Key} has changed since it was read.");
        }
    }

    private static MailDevice MetadataOf(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return new MailDevice
        {
            Metadata = ApiMetadata.Read(document.RootElement.GetProperty("metadata"))!,
        };
    }
}
