using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Spec;

namespace MailOperator.MailDevices;

/// <summary>
/// Restarts workloads like <c>kubectl rollout restart</c>: with an annotation on the pod template. The annotation names
/// the device and the credential instead of a time, so a repeated patch for the same credential changes nothing. It
/// needs no right to read workloads.
/// </summary>
internal sealed class RolloutRestarter(KubernetesApi api, EventRecorder events)
{
    private const int MaxNameLength = 63;

    /// <summary>Restarts every target. If one fails, the others are still restarted.</summary>
    /// <returns>The first target that could not be restarted and why; null if nothing is left to do.</returns>
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
                await api.MergePatchAsync(
                    TypeOf(target.Kind), new ObjectKey(@namespace, target.Name), patch, cancellationToken);
                restarted.Add(target);
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                missing.Add(target); // once created, it starts with the current password
            }
            catch (ApiException e)
            {
                problem ??= $"{target} could not be restarted and may still use an earlier password; "
                    + $"the restart is retried every minute: {e.Message}";
            }
        }

        if (problem is null)
        {
            Announce(device, restarted, missing, selector);
        }

        return problem;
    }

    private void Announce(
        MailDevice device, List<RolloutTarget> restarted, List<RolloutTarget> missing, string selector)
    {
        if (missing.Count > 0)
        {
            events.Warning(
                ApiGroup.MailDevices, device, Reasons.RestartTargetMissing,
                $"{string.Join(", ", missing)} in spec.rolloutRestartTargets was not restarted because it does not "
                + $"exist in namespace '{device.Metadata.NamespaceProperty}'; if the name is wrong, correct it");
        }

        if (restarted.Count > 0)
        {
            events.Normal(
                ApiGroup.MailDevices, device, Reasons.Restarted,
                $"{string.Join(", ", restarted)} is restarting with password {selector}");
        }
    }

    /// <summary>
    /// Differs for each device, so that several devices can restart one workload and keep each other's annotation.
    /// </summary>
    public static string AnnotationFor(string deviceName) =>
        Annotations.RestartedForPrefix + (deviceName.Length <= MaxNameLength
            ? deviceName
            : $"{deviceName[..(MaxNameLength - 9)].TrimEnd('-', '.')}-"
                + $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(deviceName)).AsSpan(0, 4))}");

    private static ResourceType TypeOf(RolloutKind kind) => kind switch
    {
        RolloutKind.Deployment => ResourceType.Deployments,
        RolloutKind.StatefulSet => ResourceType.StatefulSets,
        RolloutKind.DaemonSet => ResourceType.DaemonSets,
        _ => throw new UnreachableException($"{kind} has no resource type."),
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
