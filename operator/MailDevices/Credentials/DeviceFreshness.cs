using System.Net;
using System.Text.Json;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.MailDevices.Credentials;

/// <summary>
/// Asks the API server whether a device is still as the cache shows it. A cache that lags behind another operator's
/// would answer a token that has been superseded, and once more when it catches up.
/// </summary>
internal sealed class DeviceFreshness(KubernetesApi api)
{
    /// <exception cref="ApiException">A conflict: the device is gone, or carries other tokens by now.</exception>
    public async Task ThrowIfStaleAsync(MailDevice device, CancellationToken cancellationToken)
    {
        MailDevice? live = await api.FindAsync(ApiGroup.MailDevices, device.Key, cancellationToken) is { } found
            ? MetadataOf(found)
            : null;
        if (live is null || live.Metadata.Uid != device.Metadata.Uid || live.IsDeleting
            || live.Annotation(Annotations.Rotate) != device.Annotation(Annotations.Rotate)
            || live.Annotation(Annotations.RotateAndRevoke) != device.Annotation(Annotations.RotateAndRevoke))
        {
            throw new ApiException(HttpStatusCode.Conflict, "Conflict", $"MailDevice {device.Key} has changed since it was seen.");
        }
    }

    private static MailDevice MetadataOf(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return new MailDevice { Metadata = ApiJson.Deserialize<k8s.Models.V1ObjectMeta>(document.RootElement.GetProperty("metadata"))! };
    }
}
