using System.Text.Json;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Portal.Claims;

/// <summary>
/// Writes the one thing that the portal may write: the claim in an invitation's status, by compare-and-swap, so that of
/// any number of people at any number of replicas one gets it.
/// </summary>
internal sealed class ClaimWriter(KubernetesApi api, ObjectWriter writer, TimeProvider clock) : IClaimWriter
{
    // The operator writes the same status; a version that it has moved on is read and tried again.
    private const int MaxTries = 4;

    public async Task<InvitationClaim?> WriteAsync(DeviceInvitation seen, InvitationClaim claim, CancellationToken cancellationToken)
    {
        for (int tries = 1; ; tries++)
        {
            if (LinkPhase.Of(seen, browserClaim: null, clock.GetUtcNow()) is not LinkPhase.Open)
            {
                return null;
            }

            try
            {
                await writer.PatchStatusAsync(
                    ApiGroup.DeviceInvitations,
                    seen,
                    [("test", "/metadata/resourceVersion", seen.Metadata.ResourceVersion), ("add", "/status/claim", claim)],
                    cancellationToken);
                return claim;
            }
            catch (ApiException e) when (e.IsConflict && tries < MaxTries)
            {
                if (await FindAsync(seen, cancellationToken) is not { } current)
                {
                    return null;
                }

                if (current.Status!.Claim is { } standing)
                {
                    return standing;
                }

                seen = current;
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                return null;
            }
        }
    }

    /// <summary>The same invitation as it is now, with the same link.</summary>
    private async Task<DeviceInvitation?> FindAsync(DeviceInvitation seen, CancellationToken cancellationToken)
    {
        if (await api.FindAsync(ApiGroup.DeviceInvitations, seen.Key, cancellationToken) is not { } json)
        {
            return null;
        }

        using var document = JsonDocument.Parse(json);
        DeviceInvitation current = ApiJson.Deserialize<DeviceInvitation>(document.RootElement)!;
        return current.Metadata.Uid == seen.Metadata.Uid && current.Status?.TokenHash == seen.Status!.TokenHash ? current : null;
    }
}

/// <summary>Where a claim is written.</summary>
internal interface IClaimWriter
{
    /// <summary>
    /// The claim that the invitation has from then on: this one, or one that was there before it. Null if it can be claimed no
    /// more, whatever the invitation that was seen said.
    /// </summary>
    Task<InvitationClaim?> WriteAsync(DeviceInvitation seen, InvitationClaim claim, CancellationToken cancellationToken);
}
