using System.Diagnostics;
using System.Net;
using System.Text.Json;
using MailOperator.Api;
using MailOperator.Claims;
using MailOperator.Kubernetes;

namespace MailOperator.DeviceInvitations;

/// <summary>Carries out a plan. Stops at the first failure, because each change depends on those before it.</summary>
internal sealed class InvitationApplier(
    LinkSecrets links,
    InvitationDelivery delivery,
    InvitationStatusWriter status,
    KubernetesApi api,
    ObjectWriter writer,
    EventRecorder events,
    TimeProvider clock,
    InvitationAudit audit)
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
            audit.Applied(invitation, change);
            if (outcome.Refusal is not null)
            {
                break;
            }
        }

        return outcome with { HasChanged = !plan.Changes.IsEmpty && !outcome.IsRecordRefused };
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
                return outcome with { Link = await ReplaceLinkAsync(invitation, replace.Link, cancellationToken) };
            case InvitationChange.DeleteLink delete:
                await links.DeleteAsync(invitation, delete.Link, cancellationToken);
                return outcome with { Link = new LinkState.Absent() };
            case InvitationChange.ReportLink:
                return outcome with
                {
                    Reported = await status.PublishAsync(invitation, observed, plan, cancellationToken),
                };
            case InvitationChange.AddFinalizer:
                await writer.AddFinalizerAsync(
                    ApiGroup.DeviceInvitations, invitation, Finalizers.Link, cancellationToken);
                return outcome with { Result = ReconcileResult.Done };
            case InvitationChange.SendMail mail:
                return outcome with
                {
                    Result = ReconcileResult.After(
                        await delivery.SendAsync(invitation, observed, plan, mail, cancellationToken)),
                };
            case InvitationChange.KeepRecord keep:
                try
                {
                    return outcome with { Reported = await KeepAsync(invitation, keep.Record, cancellationToken) };
                }
                catch (ApiException e) when (IsRefusal(e))
                {
                    // An end holds without its record too, as long as the status stays what it is.
                    return keep.Record.End is null
                        ? outcome with { Refusal = $"the annotation {Annotations.ClaimRecord}: {e.Message}" }
                        : outcome with { IsRecordRefused = true };
                }

            case InvitationChange.CreateDevice:
                try
                {
                    return outcome with { Device = await CreateDeviceAsync(invitation, cancellationToken) };
                }
                catch (ApiException e) when (IsRefusal(e))
                {
                    return outcome with { Refusal = $"MailDevice '{observed.DeviceName}': {e.Message}" };
                }

            case InvitationChange.RemoveFinalizer:
                await writer.RemoveFinalizerAsync(
                    ApiGroup.DeviceInvitations, invitation, Finalizers.Link, cancellationToken);
                return outcome with { Result = ReconcileResult.Done };
            default:
                throw new UnreachableException($"{change.GetType().Name} is not a known change.");
        }
    }

    private async Task<LinkState> ReplaceLinkAsync(
        DeviceInvitation invitation, LinkState.Owned link, CancellationToken cancellationToken)
    {
        // A stale cache may show no status although one is there, and its link was handed out. Then this fails first.
        await writer.ThrowIfChangedAsync(ApiGroup.DeviceInvitations, invitation, cancellationToken);
        LinkState replaced = await links.ReplaceAsync(invitation, link, cancellationToken);
        events.Warning(
            ApiGroup.DeviceInvitations,
            invitation,
            Reasons.LinkReplaced,
            "The status was lost, so nobody can tell whether the link was used: "
            + $"Secret '{link.Name}' has a new link, and the old one no longer works");
        return replaced;
    }

    private async Task<DeviceInvitation> KeepAsync(
        DeviceInvitation invitation, ClaimRecord record, CancellationToken cancellationToken)
    {
        Dictionary<string, string> annotations =
            invitation.Metadata.Annotations is { } present ? new(present, StringComparer.Ordinal) : [];
        annotations[Annotations.ClaimRecord] = record.ToText();
        string? version = await writer.AnnotateIfUnchangedAsync(
            ApiGroup.DeviceInvitations, invitation, Annotations.ClaimRecord, annotations[Annotations.ClaimRecord],
            cancellationToken);
        audit.Recorded(invitation, record);
        return InvitationVersion.After(invitation, version, annotations: annotations);
    }

    // A quota of objects or an admission policy: a person has to change it, so the status must say so.
    private static bool IsRefusal(ApiException e) =>
        e.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.UnprocessableEntity && !e.IsNamespaceTerminating;

    private async Task<DeviceFound.Own> CreateDeviceAsync(
        DeviceInvitation invitation, CancellationToken cancellationToken)
    {
        // A stale cache may not show that the device was made before, and deleted since. Then this fails first.
        await writer.ThrowIfChangedAsync(ApiGroup.DeviceInvitations, invitation, cancellationToken);
        byte[] created = await api.CreateAsync(
            ApiGroup.MailDevices,
            invitation.Metadata.NamespaceProperty,
            InvitedDevice.Body(invitation, clock.GetUtcNow()),
            cancellationToken);
        using var document = JsonDocument.Parse(created);
        string uid = document.RootElement.GetProperty("metadata").GetProperty("uid").GetString()!;
        return new DeviceFound.Own(uid, Current: null, Ready: null);
    }
}

/// <summary>The outcome of a plan.</summary>
internal sealed record InvitationOutcome
{
    /// <summary>A change was made, so another round may find more to do.</summary>
    public bool HasChanged { get; init; }

    /// <summary>
    /// Set if the reconcile ends here: a change has reported itself, or the invitation was written and its watch event
    /// starts the next reconcile.
    /// </summary>
    public ReconcileResult? Result { get; init; }

    /// <summary>The invitation with the status or the record that was written; null if a change wrote none.</summary>
    public DeviceInvitation? Reported { get; init; }

    /// <summary>The link's Secret as it is now; null if it was not written.</summary>
    public LinkState? Link { get; init; }

    /// <summary>The API server refuses the record of an end, so the next round would try the same again.</summary>
    public bool IsRecordRefused { get; init; }

    /// <summary>What the API server refuses (the device or its claim's record), and why; null for nothing.</summary>
    public string? Refusal { get; init; }

    /// <summary>The device that was created; null if none was.</summary>
    public DeviceFound? Device { get; init; }
}
