using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.MailBackends;

/// <summary>Which MailBackends are marked as the default. There is to be one.</summary>
internal static class DefaultBackends
{
    /// <summary>The oldest first: it is the default that counts, so that all devices get the same one.</summary>
    public static IEnumerable<MailBackend> In(ObjectStore<MailBackend> backends) => backends.All
        .Where(IsMarked)
        .OrderBy(static backend => backend.Metadata.CreationTimestamp)
        .ThenBy(static backend => backend.Metadata.Name, StringComparer.Ordinal);

    public static bool IsMarked(MailBackend backend) => backend.Annotation(Annotations.IsDefaultBackend) == "true";

    /// <summary>What is wrong with the mark of this MailBackend: there are others, or it says nothing.</summary>
    public static IEnumerable<Condition> Problems(MailBackend backend, ObjectStore<MailBackend> backends)
    {
        string[] names = [.. In(backends).Select(static one => one.Metadata.Name)];
        if (names.Length > 1 && names.Contains(backend.Metadata.Name, StringComparer.Ordinal))
        {
            yield return Conditions.True(
                ConditionTypes.DefaultConflict,
                Reasons.SeveralDefaults,
                $"Several MailBackends are marked as the default: {string.Join(", ", names)}. New devices without "
                + $"spec.backendRef get the oldest, '{names[0]}'; remove the annotation {Annotations.IsDefaultBackend} "
                + "from the others");
        }

        if (backend.Annotation(Annotations.IsDefaultBackend) is { } mark and not ("true" or "false"))
        {
            yield return Conditions.True(
                ConditionTypes.Ignored,
                Reasons.NoEffect,
                $"The annotation {Annotations.IsDefaultBackend} is '{mark[..Math.Min(mark.Length, 64)]}' and makes "
                + "nothing the default: only \"true\" does; set it to \"true\" or remove it");
        }
    }
}
