using System.Collections.Immutable;

namespace MailOperator.MailDevices.Secrets;

/// <summary>Names of the entries that a Secret has from an earlier spec.</summary>
internal sealed record ObsoleteEntries(
    ImmutableArray<string> Labels, ImmutableArray<string> Annotations, ImmutableArray<string> Keys)
{
    public static readonly ObsoleteEntries None = new([], [], []);

    public bool Equals(ObsoleteEntries? other) =>
        other is not null
        && Labels.SequenceEqual(other.Labels)
        && Annotations.SequenceEqual(other.Annotations)
        && Keys.SequenceEqual(other.Keys);

    public override int GetHashCode() => HashCode.Combine(Labels.Length, Annotations.Length, Keys.Length);
}
