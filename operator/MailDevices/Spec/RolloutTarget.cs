using MailOperator.Api;

namespace MailOperator.MailDevices.Spec;

/// <summary>A workload whose pods read the Secret only at their start.</summary>
internal readonly record struct RolloutTarget(RolloutKind Kind, string Name)
{
    public override string ToString() => $"{Kind} '{Name}'";
}
