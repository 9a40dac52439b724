using System.Diagnostics;
using System.Net;
using System.Text.Json;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.DeviceInvitations;

/// <summary>Carries out a plan, one method per kind of change. Stops at the first failure: what follows depends on it.</summary>
internal sealed partial class InvitationApplier(
    LinkSecrets links,
    InvitationDelivery delivery,
    InvitationStatusWriter status,
    KubernetesApi api,
    ObjectWriter writer,
    EventRecorder events,
    TimeProvider clock,
    ILogger<InvitationApplier> logger)
{
    public async Task<InvitationOutcome> ApplyAsync(
        DeviceInvitation invitation,
        InvitationSnapshot observed,
        InvitationPlan plan,
        CancellationToken cancellationToken)
    {
        var outcome = new InvitationOutcome();
        foreach (InvitationChange change in plan.Changes)
        {
            outcome = await ApplyAsync(invitation, observed, plan, change, outcome, cancellationToken);
            Log.Applied(logger, invitation.Key, change.GetType().Name);
        }

        return outcome with { HasChanged = !plan.Changes.IsEmpty };
    }

    private async Task<InvitationOutcome> ApplyAsync(
        DeviceInvitation invitation,
        InvitationSnapshot observed,
        InvitationPlan plan,
        InvitationChange change,
        InvitationOutcome outcome,
        CancellationToken cancellationToken)
    {
        switch (change)
        {
            case InvitationChange.MakeLink:
                return outcome with { Link = await links.CreateAsync(invitation, cancellationToken) };
            case InvitationChange.RepairLink repair:
                return outcome with { Link = await links.RepairAsync(invitation, repair.Link, cancellationToken) };
            case InvitationChange.ReplaceLink replace:
                // A cache that lags behind shows no status where there is one by now, and its link is handed out: nothing is written if so.
                await writer.PatchStatusAsync(
                    ApiGroup.DeviceInvitations, invitation, [("test", "/metadata/resourceVersion", invitation.Metadata.ResourceVersion)], cancellationToken);
                LinkState another = await links.ReplaceAsync(invitation, replace.Link, cancellationToken);
                events.Warning(
                    ApiGroup.DeviceInvitations, invitation, Reasons.LinkReplaced,
                    $"The status was lost, and with it whether the link was used: Secret '{replace.Link.Name}' has another link now, and the one before is dead");
                return outcome with { Link = another };
            case InvitationChange.DeleteLink delete:
                await links.DeleteAsync(invitation, delete.Link, cancellationToken);
                return outcome with { Link = new LinkState.Absent() };
            case InvitationChange.ReportLink:
                return outcome with
                {
                    Reported = await status.PublishAsync(invitation, observed, plan, cancellationToken),
                };
            case InvitationChange.AddFinalizer:
                await writer.AddFinalizerAsync(ApiGroup.DeviceInvitations, invitation, Finalizers.Link, cancellationToken);
                return outcome with { Result = ReconcileResult.Done };
            case InvitationChange.SendMail mail:
                return outcome with
                {
                    Result = ReconcileResult.After(
                        await delivery.SendAsync(invitation, observed, plan, mail, cancellationToken)),
                };
            case InvitationChange.CreateDevice:
                try
                {
                    return outcome with { Device = await CreateDeviceAsync(invitation, cancellationToken) };
                }
                catch (ApiException e) when (e.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.UnprocessableEntity && !e.IsNamespaceTerminating)
                {
                    return outcome with { Refusal = e.Message }; // a quota of objects, or somebody's admission policy: people must be told
                }

            case InvitationChange.RemoveFinalizer:
                await writer.RemoveFinalizerAsync(ApiGroup.DeviceInvitations, invitation, Finalizers.Link, cancellationToken);
                return outcome with { Result = ReconcileResult.Done };
            default:
                throw new UnreachableException($"No way is known to apply {change.GetType().Name}.");
        }
    }

    private async Task<DeviceFound.Own> CreateDeviceAsync(DeviceInvitation invitation, CancellationToken cancellationToken)
    {
        byte[] created = await api.CreateAsync(
            ApiGroup.MailDevices, invitation.Metadata.NamespaceProperty, InvitedDevice.Body(invitation, clock.GetUtcNow()), cancellationToken);
        using var document = JsonDocument.Parse(created);
        return new DeviceFound.Own(document.RootElement.GetProperty("metadata").GetProperty("uid").GetString()!, Current: null, Ready: null);
    }

    private static partial class Log
    {
        [LoggerMessage(241, LogLevel.Information, "{Invitation}: {Step}")]
        public static partial void Applied(ILogger logger, ObjectKey invitation, string step);
    }
}

/// <summary>What came of a plan.</summary>
internal sealed record InvitationOutcome
{
    /// <summary>Something was done, so that another look may show more to do.</summary>
    public bool HasChanged { get; init; }

    /// <summary>
    /// Set if the reconcile ends here: a change has reported itself, or the invitation was written and its watch event
    /// starts the next reconcile.
    /// </summary>
    public ReconcileResult? Result { get; init; }

    /// <summary>The invitation with the status that was written; null if a change wrote none.</summary>
    public DeviceInvitation? Reported { get; init; }

    /// <summary>The link's Secret as it is now, if it was written.</summary>
    public LinkState? Link { get; init; }

    /// <summary>Why the API server does not let the device be made.</summary>
    public string? Refusal { get; init; }

    /// <summary>The device that was made, if one was.</summary>
    public DeviceFound? Device { get; init; }
}
