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
            next = (await api.ReadPageAsync(
                ApiGroup.MailDevices, new Selection(MetadataOnly: true), PageSize, next,
                item => uids.Add(item.GetProperty("metadata").GetProperty("uid").GetString()!),
                cancellationToken)).Continue;
        }
        while (next is not null);
        return uids;
    }
}
