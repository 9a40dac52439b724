namespace MailOperator.Kubernetes;

/// <summary>Whether a change of an object is one that anybody has to act on.</summary>
internal static class ObjectNews
{
    /// <summary>
    /// Whether anything differs but the status; a status that was lost counts, because it must be rebuilt.
    /// </summary>
    public static bool Is<T>(T? before, T? after, Func<T, bool> hasLostStatus)
        where T : ApiObject =>
        before is null || after is null
        || before.Metadata.Uid != after.Metadata.Uid
        || before.Metadata.Generation != after.Metadata.Generation
        || before.Metadata.DeletionTimestamp != after.Metadata.DeletionTimestamp
        || before.DecodeError != after.DecodeError
        || !(before.Metadata.Finalizers ?? []).SequenceEqual(after.Metadata.Finalizers ?? [])
        || !Equal(before.Metadata.Annotations, after.Metadata.Annotations)
        || (hasLostStatus(after) && !hasLostStatus(before));

    /// <summary>Whether anything differs but the status.</summary>
    public static bool Is<T>(T? before, T? after)
        where T : ApiObject => Is(before, after, static _ => false);

    /// <summary>
    /// Whether what is in a namespace must be looked at again: its labels differ, which grants select by, or its
    /// deletion has begun. One that came or went brought or took its objects, which have events of their own.
    /// </summary>
    public static bool IsOfNamespace(NamespaceMetadata? before, NamespaceMetadata? after) =>
        before is not null && after is not null
        && (!Equal(before.Metadata.Labels, after.Metadata.Labels) || before.IsDeleting != after.IsDeleting);

    private static bool Equal(IDictionary<string, string>? one, IDictionary<string, string>? other) =>
        (one?.Count ?? 0) == (other?.Count ?? 0)
        && (one is null || one.All(pair => other!.TryGetValue(pair.Key, out string? value) && value == pair.Value));
}
