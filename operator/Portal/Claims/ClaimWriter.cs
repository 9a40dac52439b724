using System.Text.Json;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Portal.Claims;

/// <summary>
/// Writes the claim into an invitation's status, the only thing that the portal may write. It is a compare-and-swap, so
/// only one of any number of people on any number of replicas gets the claim.
/// </summary>
internal sealed class ClaimWriter(KubernetesApi api, ObjectWriter writer, TimeProvider clock) : IClaimWriter
{
    // The operator writes the same status, so a conflict is normal: read the new version and try again.
    private const int MaxTries = 4;

    public async Task<InvitationClaim?> WriteAsync(
        DeviceInvitation seen, InvitationClaim claim, CancellationToken cancellationToken)
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
                    [
                        ("test", "/metadata/resourceVersion", seen.Metadata.ResourceVersion),
                        ("add", "/status/claim", claim),
                    ],
                    cancellationToken);
                return claim;
            }
            catch (ApiException e) when (e.IsConflict && tries < MaxTries)
            {
                if (await FindAsync(seen, cancellationToken) is not { } current)
                {
                    return null;
                }

                if (current.Status!.Claim is { } written)
                {
                    return written;
                }

                seen = current;
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                return null;
            }
        }
    }

    /// <summary>The current version of the invitation; null if it is gone or has another link.</summary>
    private async Task<DeviceInvitation?> FindAsync(DeviceInvitation seen, CancellationToken cancellationToken)
    {
        if (await api.FindAsync(ApiGroup.DeviceInvitations, seen.Key, cancellationToken) is not { } json)
        {
            return null;
        }

        using var document = JsonDocument.Parse(json);
        DeviceInvitation current = ApiJson.Deserialize<DeviceInvitation>(document.RootElement)!;
        return current.Metadata.Uid == seen.Metadata.Uid && current.Status?.TokenHash == seen.Status!.TokenHash
            ? current
            : null;
    }
}

/// <summary>Writes claims.</summary>
internal interface IClaimWriter
{
    /// <summary>
    /// Writes a claim, and returns the claim that the invitation has now: this one, or one that was there before it.
    /// Null if the invitation can no longer be claimed.
    /// </summary>
    /// <param name="seen">The invitation as the informer showed it.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <exception cref="ApiException">The API server refused the write, or conflicts did not end.</exception>
    Task<InvitationClaim?> WriteAsync(
        DeviceInvitation seen, InvitationClaim claim, CancellationToken cancellationToken);
}
