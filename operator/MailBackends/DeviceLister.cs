using System.Text.Json;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.MailBackends;

/// <summary>
/// Lists the MailDevices from the API server. The cache may lag behind: a new device may have slots before the cache
/// shows it.
/// </summary>
internal sealed class DeviceLister(KubernetesApi api)
{
    private const int PageSize = 500;

    /// <summary>UIDs of all MailDevices.</summary>
    public async Task<IReadOnlyCollection<string>> UidsAsync(CancellationToken cancellationToken)
    {
        var uids = new List<string>();
        string? next = null;
        do
        {
            using JsonDocument page = await api.ListPageAsync(
                ApiGroup.MailDevices, new Selection(MetadataOnly: true), PageSize, next, cancellationToken);
            JsonElement root = page.RootElement;
            // An empty list of a Go server is null.
            if (root.GetProperty("items") is { ValueKind: JsonValueKind.Array } items)
            {
                uids.AddRange(items.EnumerateArray()
                    .Select(static item => item.GetProperty("metadata").GetProperty("uid").GetString()!));
            }

            next = root.GetProperty("metadata").TryGetProperty("continue", out JsonElement token)
                ? token.GetString()
                : null;
        }
        while (!string.IsNullOrEmpty(next));
        return uids;
    }
}
