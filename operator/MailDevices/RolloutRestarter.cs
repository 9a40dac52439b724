using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.MailDevices;

/// <summary>
/// Restarts workloads, as <c>kubectl rollout restart</c> does: by an annotation of their pod template. It names the device
/// and the credential and no time, so that asking again for the same credential changes nothing: the API server sees that
/// the object is as it was. Nothing is read.
/// </summary>
internal sealed class RolloutRestarter(KubernetesApi api)
{
    private const int LongestName = 63;

    /// <summary>Each target by itself: one that cannot be restarted keeps none of the others from it.</summary>
    public async Task<RestartReport> RestartAsync(
        MailDevice device, ImmutableArray<RolloutTarget> targets, string selector, CancellationToken cancellationToken)
    {
        byte[] patch = Patch(AnnotationFor(device.Metadata.Name), selector);
        var report = new RestartReport([], [], null);
        foreach (RolloutTarget target in targets)
        {
            try
            {
                await api.MergePatchAsync(TypeOf(target.Kind), new ObjectKey(device.Metadata.NamespaceProperty, target.Name), patch, cancellationToken);
                report = report with { Restarted = report.Restarted.Add(target) };
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                report = report with { Missing = report.Missing.Add(target) }; // when it comes it starts with the password that there is then
            }
            catch (ApiException e)
            {
                report = report with { Refused = report.Refused ?? $"{target} could not be restarted and may still run with the password before this one: {e.Message} It is tried again every minute" };
            }
        }

        return report;
    }

    /// <summary>An annotation of its own for each device, so that several can restart one workload without undoing each other's mark.</summary>
    public static string AnnotationFor(string deviceName) => Annotations.RestartedForPrefix + (deviceName.Length <= LongestName
        ? deviceName
        : $"{deviceName[..(LongestName - 9)].TrimEnd('-', '.')}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(deviceName)).AsSpan(0, 4))}");

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

/// <summary>What came of restarting.</summary>
/// <param name="Restarted">Workloads that are marked with the credential.</param>
/// <param name="Missing">Workloads that are not there.</param>
/// <param name="Refused">What the API server did not let happen and why: the first of them.</param>
internal sealed record RestartReport(ImmutableArray<RolloutTarget> Restarted, ImmutableArray<RolloutTarget> Missing, string? Refused);
