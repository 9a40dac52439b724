using System.Text.Json;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.DeviceInvitations;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.Kubernetes;
using MailOperator.Reporting;
using MailOperator.UnitTests.DeviceInvitations;

namespace MailOperator.UnitTests.GitOps;

/// <summary>A DeviceInvitation in each state, with the status that the operator's code makes.</summary>
internal static class DeviceInvitationStates
{
    private static readonly DeliveryFacts Tried = Invitations.Owed with { Attempts = 1, LastAttempt = Invitations.Now };

    public static JsonObject All()
    {
        JsonObject ready = Object(Invitations.Open);
        var stale = (JsonObject)ready.DeepClone();
        stale["metadata"]!["generation"] = 2;
        var unseen = (JsonObject)ready.DeepClone();
        unseen["status"] = new JsonObject { ["observedGeneration"] = -1 }; // the schema's default
        var deleted = (JsonObject)ready.DeepClone();
        deleted["metadata"]!["deletionTimestamp"] = Rfc3339.Format(Invitations.Now);
        return new JsonObject
        {
            ["not seen yet"] = unseen,
            ["link being made"] = Object(Invitations.New),
            ["link ready"] = ready,
            ["link ready and mailed"] = Object(
                Invitations.Open with { Delivery = Tried with { Attempts = 0, SentTo = Tried.To } },
                new DeliveryResult(null, "relay:587")),
            ["link ready, mail refused"] = Object(
                Invitations.Open with { Delivery = Tried }, new DeliveryResult("relay:587 hung up", "relay:587")),
            ["spec changed, not seen yet"] = stale,
            ["no portal"] = Object(Refused(Reasons.PortalMissing)),
            ["not allowed"] = Object(Refused(Reasons.NotAllowed)),
            ["no place left"] = Object(Refused(Reasons.QuotaExceeded)),
            ["user missing"] = Object(Refused(Reasons.UserNotFound)),
            ["Secret of another"] = Object(
                Invitations.New with { Link = new LinkState.Foreign("belongs to Deployment 'web'") }),
            ["expired"] = Object(Invitations.Open with { ExpiresAt = Invitations.Now }),
            ["used, being handed over"] = Object(Invitations.JustClaimed with { Record = Invitations.Record }),
            ["used, backend down"] = Object(
                Invitations.Accepted with
                {
                    Device = new DeviceFound.Own("uid-d", null, Invitations.Ready("False", Reasons.BackendUnavailable)),
                }),
            ["used"] = Object(Invitations.Confirmed),
            ["used, then its device deleted"] = Object(
                Invitations.Confirmed with { Device = new DeviceFound.None() }),
            ["deleted"] = deleted,
        };
    }

    private static InvitationSnapshot Refused(string reason) =>
        Invitations.Open with { Offer = null, Problem = new SpecProblem(reason, "What is wrong, and what to do.") };

    private static JsonObject Object(InvitationSnapshot observed, DeliveryResult? result = null)
    {
        var invitation = new DeviceInvitation
        {
            Metadata = new() { Name = "ada-phone", NamespaceProperty = "shop", Uid = "uid-a", Generation = 1 },
            Spec = new DeviceInvitationSpec
            {
                Mailbox = "ada@example.com",
                UserRef = new ObjectReference { Name = "ada" },
            },
        };
        DeviceInvitationStatus status = InvitationStatusWriter.StatusOf(
            invitation, new DeviceInvitationStatus(), observed,
            InvitationPlanner.Plan(observed, Invitations.Now).Verdict, Invitations.Now);
        status = result is null
            ? status
            : InvitationStatusWriter.WithDelivery(status, observed.Delivery!, result, generation: 1, Invitations.Now);
        return new JsonObject
        {
            ["apiVersion"] = ApiGroup.DeviceInvitations.ApiVersion,
            ["kind"] = ApiGroup.DeviceInvitations.Kind,
            ["metadata"] = new JsonObject { ["name"] = "ada-phone", ["namespace"] = "shop", ["generation"] = 1 },
            ["spec"] = JsonSerializer.SerializeToNode(invitation.Spec, ApiJson.Options),
            ["status"] = JsonSerializer.SerializeToNode(status, ApiJson.Options),
        };
    }
}
