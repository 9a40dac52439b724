using System.Text.Json;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.Reporting;
using MailOperator.UnitTests.MailDevices;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.GitOps;

/// <summary>A MailDevice in each state, with the status that the operator's own code writes for it.</summary>
internal static class MailDeviceStates
{
    private const long Generation = 4;

    public static JsonObject All()
    {
        var states = new JsonObject { ["not seen yet"] = Unseen(1) };
        foreach ((
            string name,
            (MailDeviceSnapshot device, MailBackendException? failure, _)) in MailDeviceConditionsTests.Table)
        {
            states[name] = Object(device, StatusOf(device, failure, new MailDeviceStatus()));
        }

        MailDeviceStatus ready = StatusOf(InSync, null, new MailDeviceStatus());
        MailDeviceSnapshot unseen = InSync with { Secret = null, Slots = [] };
        states["spec changed, not seen yet"] = Object(InSync, ready, Generation + 1);
        states["in sync, then the backend down"] = Object(
            unseen, StatusOf(unseen, new MailBackendException(BackendFailure.Unavailable, "no route"), ready));
        states["in sync, then the grant withdrawn"] = After(
            unseen with { Desired = null, Problem = new SpecProblem(Reasons.NotAllowed, "no grant") }, ready);
        states["in sync, then paused"] = After(unseen with { Desired = null, IsPaused = true }, ready);
        states["in sync, then deleted"] = After(Deleted, ready);
        return states;
    }

    private static JsonObject After(MailDeviceSnapshot device, MailDeviceStatus before) =>
        Object(device, StatusOf(device, null, before));

    private static MailDeviceStatus StatusOf(
        MailDeviceSnapshot device, MailBackendException? failure, MailDeviceStatus before) =>
        MailDeviceStatusWriter.StatusOf(
            new MailDevice
            {
                Metadata = new() { Name = "grafana", NamespaceProperty = "shop", Generation = Generation },
            },
            before, device, MailDevicePlanner.Plan(device, Now), failure, Now);

    private static JsonObject Unseen(long generation) => new()
    {
        ["apiVersion"] = ApiGroup.MailDevices.ApiVersion,
        ["kind"] = ApiGroup.MailDevices.Kind,
        ["metadata"] = new JsonObject { ["name"] = "grafana", ["namespace"] = "shop", ["generation"] = generation },
        ["spec"] = new JsonObject { ["mailbox"] = "alerts@example.com" },
        ["status"] = new JsonObject { ["observedGeneration"] = -1 }, // the schema's default
    };

    private static JsonObject Object(MailDeviceSnapshot device, MailDeviceStatus status, long generation = Generation)
    {
        JsonObject @object = Unseen(generation);
        @object["status"] = JsonSerializer.SerializeToNode(status, ApiJson.Options);
        if (device.IsDeleting)
        {
            @object["metadata"]!["deletionTimestamp"] = Rfc3339.Format(Now);
        }

        return @object;
    }
}
