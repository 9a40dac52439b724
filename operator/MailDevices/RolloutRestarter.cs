using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Spec;

namespace MailOperator.MailDevices;

/// <summary>
/// Restarts workloads, as <c>kubectl rollout restart</c> does: by an annotation of their pod template. It names the device
/// and the credential and no time, so that asking again for the same credential changes nothing: the API server sees that
/// the object is as it was. Nothing is read.
/// </summary>
internal sealed class RolloutRestarter(KubernetesApi api, EventRecorder events)
{
    private const int MaxNameLength = 63;

    /// <summary>Each target by itself: one that cannot be restarted keeps none of the others from it.</summary>
    /// <returns>What the API server did not let happen and why, the first of them; null if nothing is left to do.</returns>
    public async Task<string?> RestartAsync(
        MailDevice device, ImmutableArray<RolloutTarget> targets, string selector, CancellationToken cancellationToken)
    {
        string @namespace = device.Metadata.NamespaceProperty;
        byte[] patch = Patch(AnnotationFor(device.Metadata.Name), selector);
        var restarted = new List<RolloutTarget>();
        var missing = new List<RolloutTarget>();
        string? problem = null;
        foreach (RolloutTarget target in targets)
        {
            try
            {
                await api.MergePatchAsync(TypeOf(target.Kind), new ObjectKey(@namespace, target.Name), patch, cancellationToken);
                restarted.Add(target);
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                missing.Add(target); // when it comes it starts with the password that there is then
            }
            catch (ApiException e)
            {
                problem ??= $"{target} could not be restarted and may still run with an earlier password; it is tried again every minute: {e.Message}";
            }
        }

        if (problem is null)
        {
            Tell(device, restarted, missing, selector);
        }

        return problem;
    }

    private void Tell(MailDevice device, List<RolloutTarget> restarted, List<RolloutTarget> missing, string selector)
    {
        if (missing.Count > 0)
        {
            events.Warning(
                ApiGroup.MailDevices, device, Reasons.RestartTargetMissing,
                $"{string.Join(", ", missing)} of spec.rolloutRestartTargets is not in namespace '{device.Metadata.NamespaceProperty}', so it was not restarted; correct the name if it should have been");
        }

        if (restarted.Count > 0)
        {
            events.Normal(ApiGroup.MailDevices, device, Reasons.Restarted, $"{string.Join(", ", restarted)} restarts with password {selector}");
        }
    }

    /// <summary>An annotation of its own for each device, so that several can restart one workload without undoing each other's mark.</summary>
    public static string AnnotationFor(string deviceName) => Annotations.RestartedForPrefix + (deviceName.Length <= MaxNameLength
        ? deviceName
        : $"{deviceName[..(MaxNameLength - 9)].TrimEnd('-', '.')}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(deviceName)).AsSpan(0, 4))}");

    private static ResourceType TypeOf(RolloutKind kind) => kind switch
    {
        RolloutKind.Deployment => ResourceType.Deployments,
        RolloutKind.StatefulSet => ResourceType.StatefulSets,
        RolloutKind.DaemonSet => ResourceType.DaemonSets,
        _ => throw new UnreachableException($"No resource is known for {kind}."),
    };

    private static byte[] Patch(string annotation, string selector) => ApiJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("spec");
        json.WriteStartObject("template");
        json.WriteStartObject("metadata");
        json.WriteStartObject("annotations");
        json.WriteString(annotation, selector);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    });
}
